package ingest

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batchDatagrams is how many datagrams one recvmmsg takes at most. 64 buffers of the largest datagram are 4
// MiB of address space a loop, of which only what is written becomes memory.
const batchDatagrams = 64

// controlBytes is room for the credentials of a sender, at least unix.CmsgSpace(unix.SizeofUcred). The kernel
// is told of that much only: into what is left over it would put files that the sender passes (SCM_RIGHTS),
// open in this process, which anybody who may send could then run out of descriptors.
const controlBytes = 64

// batch is room for the datagrams of one recvmmsg. It belongs to one loop.
type batch struct {
	buffers  []byte
	stride   int
	vectors  [batchDatagrams]unix.Iovec
	messages [batchDatagrams]message
	senders  [batchDatagrams]unix.RawSockaddrInet6 // room for either family
	controls [batchDatagrams][controlBytes]byte
	current  int // the datagram whose sender RemoteAddr tells
}

// message is the kernel's struct mmsghdr (recvmmsg(2)); the compiler pads it as C does.
type message struct {
	header unix.Msghdr
	length uint32
}

// newBatch returns room for datagrams of up to maxDatagram bytes. With credentials it takes along which
// process sent each (SO_PASSCRED, unix(7)).
func newBatch(maxDatagram int, credentials bool) *batch {
	// An odd number of cache lines: with a power of two all buffers would begin in one set of the caches.
	const line = 64
	stride := (maxDatagram/line | 1) * line
	if stride < maxDatagram {
		stride += 2 * line
	}
	b := &batch{buffers: make([]byte, batchDatagrams*stride), stride: stride}
	for i := range b.messages {
		b.vectors[i].Base = &b.buffers[i*stride]
		b.vectors[i].SetLen(maxDatagram)
		b.messages[i].header.Iov = &b.vectors[i]
		b.messages[i].header.SetIovlen(1)
		if credentials {
			b.messages[i].header.Control = &b.controls[i][0]
		}
		b.messages[i].header.Name = (*byte)(unsafe.Pointer(&b.senders[i]))
	}
	return b
}

// receive takes the datagrams that wait in socket fd, at most batchDatagrams, without waiting for any. The
// scheduler is not told of the system call, since it never blocks: else the first one after a nap wakes the
// runtime's monitor thread, which then looks every 20 µs whether the call is over.
func (b *batch) receive(fd int) (int, error) {
	for i := range b.messages {
		h := &b.messages[i].header // the kernel has written over the lengths
		h.Namelen = unix.SizeofSockaddrInet6
		if h.Control != nil {
			h.SetControllen(unix.CmsgSpace(unix.SizeofUcred))
		}
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages)),
			batchDatagrams, unix.MSG_DONTWAIT, 0, 0)
		switch {
		case errno == 0:
			return int(n), nil
		case errors.Is(errno, unix.EAGAIN):
			return 0, nil
		case !errors.Is(errno, unix.EINTR):
			return 0, errno
		}
	}
}

// datagram returns the bytes of the i-th datagram received, valid until the next receive, and whether it
// was cut.
func (b *batch) datagram(i int) (bytes []byte, cut bool) {
	b.current = i
	m := &b.messages[i]
	return b.buffers[i*b.stride:][:m.length:m.length], m.header.Flags&unix.MSG_TRUNC != 0
}

// RemoteAddr returns who sent the datagram last asked for.
func (b *batch) RemoteAddr() net.Addr {
	name := &b.senders[b.current]
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&name.Port))[:])
	switch name.Family {
	case unix.AF_INET:
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		return net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port))
	case unix.AF_INET6:
		return net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom16(name.Addr), port))
	default: // a unix socket; one without a name of its own has no family
		return b.process()
	}
}

// process returns the process that sent the datagram last asked for, nil when that is not known.
func (b *batch) process() net.Addr {
	h := &b.messages[b.current].header
	if h.Control == nil {
		return nil
	}
	messages, err := unix.ParseSocketControlMessage(b.controls[b.current][:h.Controllen])
	if err != nil {
		return nil
	}
	for i := range messages {
		if credentials, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
			return process(credentials.Pid)
		}
	}
	return nil
}
