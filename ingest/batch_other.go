//go:build !linux

package ingest

import (
	"errors"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// batchDatagrams is how many datagrams one receive takes at most.
const batchDatagrams = 1

// batch is room for one datagram, where there is no recvmmsg. It belongs to one loop.
type batch struct {
	buffer []byte
	length int
	cut    bool
	sender unix.Sockaddr
}

// newBatch returns room for datagrams of up to maxDatagram bytes; which process sent them is not known.
func newBatch(maxDatagram int, _ bool) *batch { return &batch{buffer: make([]byte, maxDatagram)} }

// receive takes the datagram that waits in socket fd, if there is one.
func (b *batch) receive(fd int) (int, error) {
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

func (b *batch) datagram(int) (bytes []byte, cut bool) { return b.buffer[:b.length:b.length], b.cut }

// RemoteAddr returns who sent the datagram last received.
func (b *batch) RemoteAddr() net.Addr {
	switch a := b.sender.(type) {
	case *unix.SockaddrInet4:
		return net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)))
	case *unix.SockaddrInet6:
		return net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port)))
	default:
		return nil
	}
}
