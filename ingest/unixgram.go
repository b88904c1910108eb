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
// runtime's poller. The drainer belongs to that goroutine; while it does not run, to Server.run and
// Server.Close, as the other fields do.
type unixgram struct {
	drainer

	path unixPath
	file *os.File      // owns the socket; nil when it could not be opened
	done chan struct{} // closed when run has ended
}

func probeUnixgram(o *Options) error { return probeUnixPath("unixgram", o.Unixgram) }

func newUnixgram(s *shared) transport {
	return &unixgram{drainer: newDrainer(s, "unixgram"), path: newUnixPath(s, "unixgram", s.options.Unixgram)}
}

func (u *unixgram) start() error {
	fd, err := u.open()
	if err != nil {
		return err
	}
	u.add(fd, u.path.url(), u.own(fd))
	u.begin()
	return nil
}

// open returns a socket that is bound to the path.
func (u *unixgram) open() (fd int, err error) {
	fd = -1
	err = u.path.bind(func() (err error) {
		fd, err = dgram.OpenUnixgram(u.path.name)
		return err
	})
	if err != nil && fd > 0 {
		_ = unix.Close(fd) // the first error says why
	}
	return fd, err
}

// own gives the socket fd to u.file, and returns what closes it.
func (u *unixgram) own(fd int) (release func()) {
	file := os.NewFile(uintptr(fd), u.path.name) // not blocking, so the runtime polls it
	u.file = file
	return func() {
		_ = file.Close() // and with it the descriptor
	}
}

// begin starts run.
func (u *unixgram) begin() {
	u.ended, u.done = false, make(chan struct{})
	u.closing.Store(false)
	go u.run() // ends when stop moves the deadline, and closes done
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
		u.log.Error().Err(err).Str("listener", u.path.url()).
			Msg("reading failed: weir takes no more datagrams from this socket until it is restarted")
	}
}

func (u *unixgram) addresses() []string { return []string{u.path.name} }

// tick opens the socket again when its path was removed.
func (u *unixgram) tick() { u.path.keep(u.reopen) }

// reopen binds another socket to the path, and reads from it when the old one has no datagrams any more.
func (u *unixgram) reopen() error {
	fd, err := u.open()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	u.sockets[0].RefuseSenders() // the connected senders have to connect again
	if err := u.stop(ctx); err != nil {
		u.path.file.Remove()
		_ = unix.Close(fd) // nothing was read from it: the next tick opens another one
		return err
	}
	u.empty(time.Now().Add(drainTimeout))
	u.sockets[0].Replace(fd, u.own(fd))
	u.begin()
	return nil
}

func (u *unixgram) stop(ctx context.Context) error {
	u.closing.Store(true)
	if u.file == nil {
		return nil
	}
	if err := u.file.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return fmt.Errorf("stop reading %s: %w", u.path.name, err)
	}
	select {
	case <-u.done:
		u.ended = true
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop reading %s: %w", u.path.name, ctx.Err())
	}
}

// drain takes the datagrams that the socket still holds, and closes it. Later ones are refused, so that no
// datagram comes after the last read.
func (u *unixgram) drain(deadline time.Time) {
	u.path.file.Remove()
	for _, s := range u.sockets {
		s.RefuseSenders()
	}
	u.drainer.drain(deadline)
}

func (u *unixgram) stats() TransportStats {
	stats := u.drainer.stats()
	stats.Reopened = u.path.reopened.Load()
	return stats
}
