package dgram

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Socket is the kernel's side of one datagram socket of a loop.
type Socket struct {
	listener string
	request  int // bytes to request for the receive buffer

	receiveErrors atomic.Uint64 // written by the loop; read by anyone

	mu sync.Mutex // guards the fields below: anyone may call Stats while Replace or Close closes

	fd        int    // written by the loop, which reads it without the mutex
	buffer    int    // granted, in bytes of kernel memory; as fd
	release   func() // closes fd
	closed    bool
	lastDrops uint32 // as the kernel last reported, which wraps
	drops     uint64
	queued    int
}

// SocketStats are the counts of one datagram socket.
type SocketStats struct {
	// Listener is the address, like "udp://127.0.0.1:9125".
	Listener string
	// KernelDrops is how many datagrams the kernel dropped because the receive buffer was full; 0 where the
	// system does not report it (anything but Linux).
	KernelDrops uint64
	// QueuedBytes is how much kernel memory holds datagrams that wait to be read; BufferBytes is the limit.
	QueuedBytes, BufferBytes int
	// ReceiveErrors is how often reading failed.
	ReceiveErrors uint64
}

// NewSocket takes over descriptor fd of a bound socket that listens on listener, like "udp://127.0.0.1:9125",
// and asks for a receive buffer of so many bytes; 0 keeps the system's default. Close calls release, which
// must close fd; nil stands for close(2).
func NewSocket(fd int, listener string, receiveBuffer int, release func()) *Socket {
	if release == nil {
		release = func() { _ = unix.Close(fd) } // a datagram socket has nothing to flush
	}
	s := &Socket{listener: listener, request: receiveBuffer}
	s.use(fd, release)
	return s
}

func (s *Socket) use(fd int, release func()) {
	s.fd, s.buffer, s.release = fd, setReceiveBuffer(fd, s.request), release
}

// RefuseSenders makes the kernel refuse further datagrams: the sender gets an error. Datagrams that wait can
// still be received. It works on unix sockets on Linux.
func (s *Socket) RefuseSenders() {
	_ = unix.Shutdown(s.fd, unix.SHUT_RD) // an error says that the system has no such way
}

// Replace closes the descriptor and takes over another one, fd, that is bound to the same address, and that
// release closes. The counts go on. Only the socket's loop may call it, before Close, with nothing left to
// receive.
func (s *Socket) Replace(fd int, release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readLocked()
	s.release()
	s.lastDrops = 0
	s.use(fd, release)
}

// setReceiveBuffer requests a receive buffer of so many bytes and returns the granted size, in bytes of
// kernel memory.
func setReceiveBuffer(fd, bytes int) (granted int) {
	if bytes > 0 && !forceReceiveBuffer(fd, bytes) {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bytes) // the granted size shows an error
	}
	granted, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return granted
}

// Listener returns where the socket listens, like "udp://127.0.0.1:9125".
func (s *Socket) Listener() string { return s.listener }

// BufferBytes returns how large a receive buffer was granted, in bytes of kernel memory: BufferFactor for
// each byte that was requested.
func (s *Socket) BufferBytes() int { return s.buffer }

// Receive receives the datagrams that wait in the socket into b, at most BatchSize, and returns how many. It
// never blocks. Only the socket's loop may call it, before Close.
func (s *Socket) Receive(b *Batch) (int, error) {
	n, err := b.Receive(s.fd)
	if err != nil {
		s.receiveErrors.Add(1)
	}
	return n, err
}

// SpreadRandomly makes the kernel give each datagram to a random one of the sockets that share the port of s,
// of which there are so many. By default the addresses and ports of both ends decide. One socket of the group
// is enough.
func (s *Socket) SpreadRandomly(sockets int) error { return spreadRandomly(s.fd, sockets) }

// Stats returns the current counts. Any goroutine may call it, also after Close.
func (s *Socket) Stats() SocketStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.readLocked()
	}
	return SocketStats{
		Listener: s.listener, KernelDrops: s.drops, QueuedBytes: s.queued, BufferBytes: s.buffer,
		ReceiveErrors: s.receiveErrors.Load(),
	}
}

func (s *Socket) readLocked() {
	if m, ok := readSocketMemory(s.fd); ok {
		s.drops += uint64(m.drops - s.lastDrops)
		s.lastDrops, s.queued = m.drops, m.queued
	}
}

// Close reads the counts for the last time and closes the socket. It is safe twice.
func (s *Socket) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.readLocked()
	s.release()
}
