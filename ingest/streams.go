package ingest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"weir/aggregate"
	"weir/ingest/dgram"
)

// maxLastRead bounds what is still read from a connection that weir closes, in bytes.
const maxLastRead = 4 << 20

// streamLoop takes the lines of all connections of one network, "tcp" or "unix". Its fields belong to the
// goroutine of its engine.
type streamLoop struct {
	booter

	network   string
	in        *intake
	limits    streamLimits
	idleTicks int64 // of silence after which a connection is closed; 0 is never
	streams   map[gnet.Conn]*stream
	ticks     int64
	log       zerolog.Logger

	connections *connections // shared with the other networks

	// Owned by the goroutine of Server.run, and then by Server.Close.
	engine    *engine
	addresses []string // as gnet wants them
	path      string   // of a unix socket
	mode      string

	loop atomic.Pointer[gnet.EventLoop] // nil before the first connection; written by the loop, read by tick

	// Written by the loop, read by anyone.
	opened, refused, idleClosed, badFrames atomic.Uint64
}

func newStreamLoop(network string, o *Options, registry *aggregate.Registry, log zerolog.Logger) *streamLoop {
	return &streamLoop{
		network:   network,
		in:        newIntake(o, registry, log),
		limits:    streamLimits{line: int(o.MaxLine), frame: int(o.MaxDatagram)},
		idleTicks: int64(o.IdleTimeout / tick),
		streams:   make(map[gnet.Conn]*stream),
		log:       log,
		path:      o.Unix,
		mode:      o.UnixMode,
	}
}

// start opens a listener on each address and begins to read.
func (l *streamLoop) start(addresses []string) error {
	if l.network == "unix" {
		// gnet deletes whatever is at the path, a directory with all that is in it included.
		if !plainPath(l.path) { // Validate says so too, but here something would be deleted
			return unixError(l.network, l.path, errors.New(wantPlainPath))
		}
		if err := dgram.ClearPath(l.network, l.path); err != nil {
			return unixError(l.network, l.path, err)
		}
	}
	e, err := startEngine(addresses, l, &l.booter, l.log)
	if err == nil {
		l.engine, l.addresses = e, addresses
	}
	if l.network != "unix" {
		return err
	}
	if err == nil {
		err = dgram.SetMode(l.path, l.mode)
	}
	if err != nil {
		return unixError(l.network, l.path, err)
	}
	return nil
}

// tick closes idle connections, and starts the engine again if it ended by itself: gnet gives up when
// accept(2) fails, as when the system is out of descriptors. It is called once a tick by one goroutine,
// that of Server.run.
func (l *streamLoop) tick() {
	select {
	case <-l.engine.done:
		l.log.Error().Str("network", l.network).AnErr("cause", l.engine.err).
			AnErr("restart", l.start(l.addresses)).Msg("the listener ended by itself and is started again")
	default:
		l.closeIdle()
	}
}

// OnOpen begins a stream, or refuses it when there are too many.
func (l *streamLoop) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	loop := c.EventLoop()
	l.loop.Store(&loop)
	if !l.connections.acquire() {
		l.refused.Add(1)
		return nil, gnet.Close
	}
	s := &stream{in: l.in, limits: l.limits, heard: l.ticks, listener: "tcp://" + c.LocalAddr().String()}
	if l.network == "unix" {
		s.framing, s.listener = framingUnknown, "unix://"+l.path
	}
	l.streams[c] = s
	l.opened.Add(1)
	return nil, gnet.None
}

// OnTraffic takes what came on a connection.
func (l *streamLoop) OnTraffic(c gnet.Conn) gnet.Action {
	s := l.streams[c]
	if s == nil { // refused, but not closed yet
		_, _ = c.Discard(-1) // discarding everything has no error
		return gnet.None
	}
	s.heard = l.ticks
	l.in.from(s.listener, c)
	b, _ := c.Next(-1) // everything there is: no error
	whole := s.feed(b)
	l.in.publish()
	if !whole {
		l.badFrames.Add(1)
		return gnet.Close
	}
	return gnet.None
}

// OnClose takes the last line of a connection, and before it what weir has not read yet when it is weir
// that closes.
func (l *streamLoop) OnClose(c gnet.Conn, err error) gnet.Action {
	s := l.streams[c]
	if s == nil {
		return gnet.None
	}
	l.in.from(s.listener, c)
	if err == nil {
		s.readLast(c.Fd())
	}
	s.finish()
	l.in.publish()
	delete(l.streams, c)
	l.connections.release()
	return gnet.None
}

// readLast takes what waits in a connection, without waiting for more.
func (s *stream) readLast(fd int) {
	b := make([]byte, 64<<10)
	for read := 0; read < maxLastRead; {
		n, err := unix.Read(fd, b)
		if err != nil || n == 0 {
			return
		}
		if !s.feed(b[:n]) {
			return
		}
		read += n
	}
}

// tick is how often connections are looked at for silence.
const tick = time.Second

// closeIdle asks the loop to close the connections on which nothing came for too long. Called once a tick.
func (l *streamLoop) closeIdle() {
	loop := l.loop.Load()
	if loop == nil {
		return
	}
	// An error means that the engine is ending, and with it the connections.
	_ = (*loop).Execute(context.Background(), gnet.RunnableFunc(func(context.Context) error {
		l.ticks++
		for c, s := range l.streams {
			if l.idleTicks > 0 && l.ticks-s.heard > l.idleTicks {
				l.idleClosed.Add(1)
				_ = (*loop).Close(c) // calls OnClose; what could fail is closing what is closed
			}
		}
		return nil
	}))
}
