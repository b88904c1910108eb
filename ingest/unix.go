package ingest

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

// unixStream is the transport of unix streams. gnet would delete whatever is at the path, when it listens and
// again when it ends. So weir listens itself, and hands each connection to an engine without listeners.
type unixStream struct {
	*streamLoop

	path     unixPath
	client   *gnet.Client // the engine, as gnet calls one without listeners
	listener *unixListener
}

func probeUnix(o *Options) error { return probeUnixPath("unix", o.Unix) }

func newUnix(s *shared) transport {
	u := &unixStream{
		streamLoop: newStreamLoop(s, "unix", framingUnknown), path: newUnixPath(s, "unix", s.options.Unix),
	}
	u.listenerOf = func(gnet.Conn) string { return u.path.url() }
	return u
}

func (u *unixStream) start() (err error) {
	if u.engine, u.client, err = startClient(u, &u.booter, u.shared.gnetLog); err != nil {
		return unixError("unix", u.path.name, err)
	}
	return u.open()
}

// open listens at the path and begins to accept.
func (u *unixStream) open() error {
	l := &unixListener{take: u.take}
	err := u.path.bind(func() (err error) {
		l.socket, err = net.ListenUnix("unix", &net.UnixAddr{Name: u.path.name, Net: "unix"})
		return err
	})
	if l.socket != nil {
		l.socket.SetUnlinkOnClose(false) // unixPath removes the file, unless it is another's
	}
	if err != nil {
		_ = l.socket.Close() // the first error says why
		return err
	}
	l.begin()
	u.listener = l
	return nil
}

// take hands a connection to the engine. It returns when OnOpen has seen the connection.
func (u *unixStream) take(c net.Conn) {
	if _, err := u.client.Enroll(c); err != nil { // and closes c
		u.refused.Add(1)
		u.shared.log.Error().Err(err).Str("listener", u.path.url()).Msg("a connection was refused")
	}
}

func (u *unixStream) addresses() []string { return []string{u.path.name} }

// tick closes idle connections, listens again when the path was removed, and accepts again after an error, as
// when the system is out of descriptors.
func (u *unixStream) tick() {
	u.closeIdle()
	u.path.keep(u.reopen)
	select {
	case <-u.listener.done:
		u.shared.log.Error().Err(u.listener.err).Str("listener", u.path.url()).
			Msg("connections could not be accepted: weir tries again every second")
		u.listener.begin()
	default:
	}
}

// reopen listens at the path again. Connections stay open.
func (u *unixStream) reopen() error {
	old := u.listener
	if err := u.open(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	return old.close(ctx)
}

// stop ends the listener, and then the engine: connections that wait to be accepted are read, too.
func (u *unixStream) stop(ctx context.Context) error {
	if u.listener != nil {
		u.path.file.Remove()
		if err := u.listener.close(ctx); err != nil {
			return err
		}
	}
	return u.streamLoop.stop(ctx)
}

func (u *unixStream) stats() TransportStats {
	stats := u.streamLoop.stats()
	stats.Reopened = u.path.reopened.Load()
	return stats
}

// unixListener accepts the connections of one socket.
type unixListener struct {
	socket *net.UnixListener
	take   func(net.Conn)
	done   chan struct{} // closed when run has ended
	err    error         // why run ended; valid when done is closed
}

// begin begins to accept.
func (l *unixListener) begin() {
	l.done = make(chan struct{})
	go l.run() // ends when close moves the deadline, or with an error, and closes done
}

func (l *unixListener) run() {
	defer close(l.done)
	for {
		c, err := l.socket.Accept()
		if err != nil {
			l.err = err
			return
		}
		l.take(c)
	}
}

// close takes the connections that wait to be accepted, and closes the socket. It refuses further ones
// before: a connection that was not refused is not lost.
func (l *unixListener) close(ctx context.Context) error {
	_ = l.socket.SetDeadline(time.Unix(1, 0)) // an error says that it is closed
	select {
	case <-l.done:
	case <-ctx.Done():
		return fmt.Errorf("stop listening on %s: %w", l.socket.Addr(), ctx.Err())
	}
	raw, err := l.socket.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			_ = unix.Shutdown(int(fd), unix.SHUT_RD) // an error says that the system has no such way
			for l.takeNext(int(fd)) {
			}
		})
	}
	if err != nil {
		return fmt.Errorf("stop listening on %s: %w", l.socket.Addr(), err)
	}
	return l.socket.Close()
}

// takeNext takes a connection that waits to be accepted; it returns false when none waits.
func (l *unixListener) takeNext(fd int) bool {
	accepted, _, err := unix.Accept(fd)
	if err != nil {
		return false
	}
	file := os.NewFile(uintptr(accepted), l.socket.Addr().String())
	c, err := net.FileConn(file)
	_ = file.Close() // c has a descriptor of its own
	if err == nil {
		l.take(c)
	}
	return true
}
