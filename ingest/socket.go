package ingest

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// udpSocket is the kernel's side of one socket of a loop: a duplicate of gnet's descriptor, which stays
// open, and keeps the socket open, until what it holds was taken.
type udpSocket struct {
	fd       int
	listener string // "udp://" and the address
	granted  int    // receive buffer, in bytes of kernel memory

	receiveErrors atomic.Uint64

	mu sync.Mutex // guards what is below; anyone may read the account while Close closes

	closed    bool
	lastDrops uint32 // as the kernel last told, which wraps
	drops     uint64
	queued    int
}

// openUDPSocket duplicates the listener of an engine on address and sizes its receive buffer.
func openUDPSocket(e gnet.Engine, address netip.AddrPort, receiveBuffer int, log zerolog.Logger) *udpSocket {
	fd, err := e.DupListener("udp", address.String())
	if err != nil {
		panic(fmt.Sprintf("BUG: no listener on %s: %v", address, err))
	}
	s := &udpSocket{
		fd: fd, listener: "udp://" + address.String(), granted: setReceiveBuffer(fd, receiveBuffer),
	}
	if s.granted < receiveBuffer*bufferFactor {
		log.Warn().Str("listener", s.listener).Int("asked_bytes", receiveBuffer).
			Int("granted_bytes", s.granted/bufferFactor).
			Str("try", fmt.Sprintf("sysctl -w net.core.rmem_max=%d", receiveBuffer)).
			Msg("the receive buffer is smaller than asked: bursts may be dropped")
	}
	return s
}

// account returns how many datagrams the kernel has dropped, and how many bytes of its memory wait to be
// read.
func (s *udpSocket) account() (drops uint64, queued int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.readLocked()
	}
	return s.drops, s.queued
}

func (s *udpSocket) readLocked() {
	if m, ok := readSocketMemory(s.fd); ok {
		s.drops += uint64(m.drops - s.lastDrops)
		s.lastDrops, s.queued = m.drops, m.queued
	}
}

// close reads the account for the last time and closes the socket. It is safe twice.
func (s *udpSocket) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.readLocked()
	_ = unix.Close(s.fd) // a datagram socket has nothing to flush
}
