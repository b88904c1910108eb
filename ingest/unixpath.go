package ingest

import (
	"errors"
	"sync/atomic"

	"github.com/rs/zerolog"

	"weir/ingest/dgram"
	"weir/internal/listen"
)

// unixPath is the path of a unix socket and the file that weir bound there. Without that file no sender finds
// the socket, so unixPath has it opened again when the file is gone. It belongs to the goroutine of
// Server.run, and to Server.Close.
type unixPath struct {
	network string // "unixgram" or "unix"
	name    string
	mode    string
	log     zerolog.Logger

	file      dgram.File
	complaint string // why it could not be opened again, as last logged

	reopened atomic.Uint64 // read by anyone
}

func newUnixPath(s *shared, network, path string) unixPath {
	return unixPath{network: network, name: path, mode: s.options.UnixMode, log: s.log}
}

// probeUnixPath returns what is in the way of a socket at path.
func probeUnixPath(network, path string) error {
	if err := dgram.ClearPath(network, path); err != nil {
		return unixError(network, path, err)
	}
	return nil
}

// url returns the path as the log and the self-metrics write it.
func (p *unixPath) url() string { return p.network + "://" + p.name }

// bind calls open to bind a socket at the path, gives it its permissions and notes which file it is. What
// open opened, the caller closes after an error.
func (p *unixPath) bind(open func() error) error {
	if err := probeUnixPath(p.network, p.name); err != nil {
		return err
	}
	err := open()
	if err == nil {
		err = dgram.SetMode(p.name, p.mode)
	}
	file := dgram.File{}
	if err == nil {
		file, err = dgram.NewFile(p.name)
	}
	if err != nil {
		return unixError(p.network, p.name, err)
	}
	p.file = file
	return nil
}

// keep calls reopen if the file is gone, or another file is at the path: once a tick until reopen succeeds.
// The log says so once, and again when the reason changes.
func (p *unixPath) keep(reopen func() error) {
	if !p.file.IsLost() {
		p.complaint = ""
		return
	}
	log := p.log.With().Str("listener", p.url()).Logger()
	err := reopen()
	switch {
	case err == nil:
		p.complaint = ""
		p.reopened.Add(1)
		log.Warn().Msg("the path of the socket was removed: weir opened it again")
	case err.Error() != p.complaint:
		p.complaint = err.Error()
		log.Error().Err(err).Msg("the path of the socket was removed, and no sender finds weir until " +
			"weir can open the path again: it tries every second")
	}
}

// unixError explains why weir cannot listen on path.
func unixError(network, path string, err error) error {
	advice := ""
	switch {
	case errors.Is(err, dgram.ErrNotSocket):
		advice = "remove it"
	case errors.Is(err, dgram.ErrStale):
		advice = "remove it by hand"
	}
	e := listen.NewError(network, path, "ingest."+network, err)
	e.Advice = advice
	return e
}
