//go:build !linux

package dgram

import (
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"
)

// BatchSize is how many datagrams one Receive takes at most.
const BatchSize = 1

// Batch holds one datagram, on systems without recvmmsg. It belongs to one loop.
type Batch struct {
	buffer []byte
	length int
	cut    bool
	sender unix.Sockaddr
}

// NewBatch returns a batch for datagrams of up to maxDatagram bytes; which process sent them is not known.
func NewBatch(maxDatagram int, _ bool) *Batch { return &Batch{buffer: make([]byte, maxDatagram)} }

// Receive receives the datagram that waits in socket fd, if any, and returns how many: 0 or 1.
func (b *Batch) Receive(fd int) (int, error) {
	n, _, flags, sender, err := unix.Recvmsg(fd, b.buffer, nil, unix.MSG_DONTWAIT)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return 0, nil
	case err != nil:
		return 0, err
	}
	b.length, b.cut, b.sender = n, flags&unix.MSG_TRUNC != 0, sender
	return 1, nil
}

// Datagram returns the bytes of the datagram received, valid until the next Receive, and whether it was cut
// because it was larger than the buffer.
func (b *Batch) Datagram(int) (bytes []byte, cut bool) { return b.buffer[:b.length:b.length], b.cut }

// Peer returns who sent the datagram received last; zero values when that is not known.
func (b *Batch) Peer() (address netip.AddrPort, process int32) {
	switch a := b.sender.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)), 0
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port)), 0
	default:
		return address, 0
	}
}
