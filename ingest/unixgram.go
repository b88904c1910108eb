package ingest

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"weir/aggregate"
	"weir/ingest/dgram"
)

// unixgramLoop takes the datagrams of a unix socket. gnet has no such sockets: the goroutine of run waits
// in the runtime's poller. Its fields belong to that goroutine, and to Server.Close after that has ended.
type unixgramLoop struct {
	drainer

	path string
	file *os.File      // of the socket, which it owns
	done chan struct{} // closed when run has ended
	log  zerolog.Logger
}

func newUnixgramLoop(o *Options, registry *aggregate.Registry, log zerolog.Logger) *unixgramLoop {
	return &unixgramLoop{
		drainer: drainer{in: newIntake(o, registry, log), batch: dgram.NewBatch(int(o.MaxDatagram), true)},
		path:    o.Unixgram, done: make(chan struct{}), log: log,
	}
}

// start opens the socket and begins to read.
func (l *unixgramLoop) start(o *Options) error {
	if err := dgram.ClearPath("unixgram", l.path); err != nil {
		return unixError("unixgram", l.path, err)
	}
	fd, err := dgram.OpenUnixgram(l.path)
	if err != nil {
		return unixError("unixgram", l.path, err)
	}
	if err := dgram.SetMode(l.path, o.UnixMode); err != nil {
		_ = unix.Close(fd) // the first error says why
		return unixError("unixgram", l.path, err)
	}
	l.file = os.NewFile(uintptr(fd), l.path) // not blocking, so the runtime polls it
	s := dgram.NewSocket(fd, "unixgram://"+l.path, int(o.ReceiveBuffer), func() {
		_ = l.file.Close() // and with it the descriptor
		if !dgram.IsAbstract(l.path) {
			_ = os.Remove(l.path) // somebody may have been quicker
		}
	})
	l.add(s, int(o.ReceiveBuffer), l.log)
	l.coalescer = dgram.NewCoalescer(o.Coalesce, s.BufferBytes())
	go l.run() // ends when stop moves the deadline, and closes done
	return nil
}

// run takes datagrams until stop.
func (l *unixgramLoop) run() {
	defer close(l.done)
	raw, err := l.file.SyscallConn()
	if err == nil {
		err = raw.Read(func(uintptr) bool {
			// The poller tells of what comes, not of what is there (it is edge-triggered): leave nothing.
			for l.gather() > 0 && !l.closing.Load() {
			}
			return l.closing.Load() // else wait until there is more
		})
	}
	if err != nil && !l.closing.Load() {
		l.log.Error().Err(err).Str("listener", "unixgram://"+l.path).
			Msg("nothing more is read from this socket")
	}
}

// stop ends run and waits for it, at most until ctx is done.
func (l *unixgramLoop) stop(ctx context.Context) error {
	l.closing.Store(true)
	if err := l.file.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return fmt.Errorf("stop reading %s: %w", l.path, err)
	}
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop reading %s: %w", l.path, ctx.Err())
	}
}
