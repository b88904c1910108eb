package ingest

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// socket is the kernel's side of one datagram socket of a loop. A UDP socket is a duplicate of gnet's
// descriptor, which keeps the socket open after gnet has ended, until what it holds was taken.
type socket struct {
	fd       int
	listener string // where it listens, like "udp://127.0.0.1:9125"
	granted  int    // receive buffer, in bytes of kernel memory
	release  func() // closes fd

	receiveErrors atomic.Uint64

	mu sync.Mutex // guards what is below; anyone may read the account while Close closes

	closed    bool
	lastDrops uint32 // as the kernel last told, which wraps
	drops     uint64
	queued    int
}

// newSocket takes over descriptor fd, of a bound socket, and sizes its receive buffer.
func newSocket(fd int, listener string, receiveBuffer int, log zerolog.Logger) *socket {
	s := &socket{fd: fd, listener: listener, granted: setReceiveBuffer(fd, receiveBuffer)}
	s.release = func() { _ = unix.Close(fd) }
	if s.granted < receiveBuffer*bufferFactor {
		log.Warn().Str("listener", listener).Int("asked_bytes", receiveBuffer).
			Int("granted_bytes", s.granted/bufferFactor).
			Str("try", fmt.Sprintf("sysctl -w net.core.rmem_max=%d", receiveBuffer)).
			Msg("the receive buffer is smaller than asked: bursts may be dropped")
	}
	return s
}

// account returns how many datagrams the kernel has dropped, and how many bytes of its memory wait to be
// read.
func (s *socket) account() (drops uint64, queued int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.readLocked()
	}
	return s.drops, s.queued
}

func (s *socket) readLocked() {
	if m, ok := readSocketMemory(s.fd); ok {
		s.drops += uint64(m.drops - s.lastDrops)
		s.lastDrops, s.queued = m.drops, m.queued
	}
}

// close reads the account for the last time and closes the socket. It is safe twice.
func (s *socket) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.readLocked()
	s.release() // a datagram socket has nothing to flush
}
