package ingest

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"weir/ingest/dgram"
)

// unixgram is the transport of unix datagrams. gnet has no such sockets: the goroutine of run waits in the
// runtime's poller. The fields belong to that goroutine, and to Server.Close after it has ended.
type unixgram struct {
	drainer

	path string
	mode string
	file *os.File      // owns the socket; nil when it could not be opened
	done chan struct{} // closed when run has ended
}

func probeUnixgram(o *Options) error {
	if err := dgram.ClearPath("unixgram", o.Unixgram); err != nil {
		return unixError("unixgram", o.Unixgram, err)
	}
	return nil
}

func newUnixgram(s *shared) transport {
	return &unixgram{
		drainer: newDrainer(s, true), path: s.options.Unixgram, mode: s.options.UnixMode,
		done: make(chan struct{}),
	}
}

func (u *unixgram) start() error {
	if err := dgram.ClearPath("unixgram", u.path); err != nil {
		return unixError("unixgram", u.path, err)
	}
	fd, err := dgram.OpenUnixgram(u.path)
	if err != nil {
		return unixError("unixgram", u.path, err)
	}
	if err := dgram.SetMode(u.path, u.mode); err != nil {
		_ = unix.Close(fd) // the first error says why
		return unixError("unixgram", u.path, err)
	}
	u.file = os.NewFile(uintptr(fd), u.path) // not blocking, so the runtime polls it
	u.add(fd, "unixgram://"+u.path, func() {
		_ = u.file.Close() // and with it the descriptor
		if !dgram.IsAbstract(u.path) {
			_ = os.Remove(u.path) // it may be gone already
		}
	})
	go u.run() // ends when stop moves the deadline, and closes done
	return nil
}

// run takes datagrams until stop.
func (u *unixgram) run() {
	defer close(u.done)
	raw, err := u.file.SyscallConn()
	if err == nil {
		err = raw.Read(func(uintptr) bool {
			// The poller is edge-triggered: it reports new datagrams only, so none may be left behind.
			for u.gather() > 0 && !u.closing.Load() {
			}
			return u.closing.Load() // otherwise wait until there is more
		})
	}
	if err != nil && !u.closing.Load() {
		u.log.Error().Err(err).Str("listener", "unixgram://"+u.path).
			Msg("reading failed: weir takes no more datagrams from this socket until it is restarted")
	}
}

func (u *unixgram) addresses() []string { return []string{u.path} }

func (*unixgram) tick() {}

func (u *unixgram) stop(ctx context.Context) error {
	u.closing.Store(true)
	if u.file == nil {
		return nil
	}
	if err := u.file.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return fmt.Errorf("stop reading %s: %w", u.path, err)
	}
	select {
	case <-u.done:
		u.ended = true
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop reading %s: %w", u.path, ctx.Err())
	}
}
