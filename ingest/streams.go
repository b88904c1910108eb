package ingest

import (
	"context"
	"errors"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"

	"weir/ingest/dgram"
)

// maxLastRead bounds how much is read from a connection that weir closes, in bytes.
const maxLastRead = 4 << 20

// streamLoop takes the lines of all connections of one network. The transports of streams embed it. Its
// fields belong to the goroutine of its engine unless their comment says otherwise.
type streamLoop struct {
	booter

	shared     *shared
	network    string
	in         *intake
	limits     streamLimits
	framing    framing                // of a new connection
	listenerOf func(gnet.Conn) string // where a connection came to, like "tcp://127.0.0.1:9125"
	idleTicks  int64                  // of silence after which a connection is closed; 0 is never
	streams    map[gnet.Conn]*stream  // by connection
	ticks      int64

	connections *connections // shared by all streamLoops

	// Owned by the goroutine of Server.run, and then by Server.Close.
	engine *engine      // nil before serve
	listen func() error // opens the listeners with serve, also after the engine has ended by itself

	loop atomic.Pointer[gnet.EventLoop] // nil before the first connection; written by the loop, read by tick

	// Written by the loop, read by anyone.
	active, unfinished                     atomic.Int64
	opened, refused, idleClosed, badFrames atomic.Uint64
}

func newStreamLoop(s *shared, network string, framing framing) *streamLoop {
	o := s.options
	return &streamLoop{
		shared:      s,
		network:     network,
		in:          s.newIntake(network),
		limits:      streamLimits{line: int(o.MaxLine), frame: int(o.MaxDatagram)},
		framing:     framing,
		idleTicks:   int64(o.IdleTimeout / tick),
		streams:     make(map[gnet.Conn]*stream),
		connections: s.connections(),
	}
}

// serve opens a listener on each address, as gnet writes it, and begins to read.
func (l *streamLoop) serve(addresses []string) error {
	e, err := startEngine(addresses, l, &l.booter, l.shared.gnetLog)
	if err != nil {
		return err
	}
	l.engine = e
	return nil
}

// tick closes idle connections, and listens again if the engine ended by itself: gnet gives up when accept(2)
// fails, as when the system is out of descriptors.
func (l *streamLoop) tick() {
	select {
	case <-l.engine.done:
		l.shared.log.Error().Str("network", l.network).AnErr("cause", l.engine.err).
			AnErr("restart", l.listen()).Msg("the listener ended unexpectedly: weir listens again")
	default:
		l.closeIdle()
	}
}

// stop ends the engine and waits for its goroutine, at most until ctx is done. Connections are read to their
// end before: see OnClose.
func (l *streamLoop) stop(ctx context.Context) error {
	if l.engine == nil {
		return nil
	}
	return l.engine.stop(ctx)
}

// drain does nothing: stop leaves nothing unread.
func (*streamLoop) drain(time.Time) {}

func (l *streamLoop) stats() TransportStats {
	return TransportStats{
		Ledger: l.in.published.load(),
		Connections: ConnectionStats{
			Active: l.active.Load(), Opened: l.opened.Load(), Refused: l.refused.Load(),
			IdleClosed: l.idleClosed.Load(), FramesBad: l.badFrames.Load(),
			UnfinishedBytes: l.unfinished.Load(),
		},
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
	s := &stream{
		in: l.in, limits: l.limits, framing: l.framing, heard: l.ticks, listener: l.listenerOf(c),
		address: addressOf(c),
	}
	if !s.address.IsValid() {
		s.process = dgram.PeerProcess(c.Fd())
	}
	l.streams[c] = s
	l.active.Add(1)
	l.opened.Add(1)
	return nil, gnet.None
}

// OnTraffic takes the bytes that came on a connection.
func (l *streamLoop) OnTraffic(c gnet.Conn) gnet.Action {
	s := l.streams[c]
	if s == nil { // refused, but not closed yet
		_, _ = c.Discard(-1) // discarding everything has no error
		return gnet.None
	}
	s.heard = l.ticks
	l.in.from(s.listener, s)
	b, _ := c.Next(-1) // all bytes there are: no error
	kept := len(s.partial)
	whole := s.feed(b)
	l.unfinished.Add(int64(len(s.partial) - kept))
	l.in.publish()
	if !whole {
		l.badFrames.Add(1)
		return gnet.Close
	}
	return gnet.None
}

// OnClose takes the last line of a connection. If weir closes the connection, OnClose first reads the bytes
// that still wait in it. Of a connection that was reset, the last line may be a part of one, and is rejected.
func (l *streamLoop) OnClose(c gnet.Conn, err error) gnet.Action {
	s := l.streams[c]
	if s == nil {
		return gnet.None
	}
	l.unfinished.Add(int64(-len(s.partial)))
	l.in.from(s.listener, s)
	if err == nil {
		s.readLast(c.Fd())
	}
	s.finish(errors.Is(err, syscall.ECONNRESET))
	l.in.publish()
	delete(l.streams, c)
	l.connections.release()
	l.active.Add(-1)
	return gnet.None
}

// readLast takes the bytes that wait in a connection, without waiting for more.
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

// tick is how often transports get their tick.
const tick = time.Second

// closeIdle tells the loop to close the connections that were silent for too long. Called once a tick.
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
				_ = (*loop).Close(c) // calls OnClose; an error says that it is closed already
			}
		}
		return nil
	}))
}
