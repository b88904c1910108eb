package dgram

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// BatchSize is how many datagrams one Receive takes at most. 64 buffers for the largest datagram are 4 MiB of
// address space per loop; only pages that datagrams reach become memory.
const BatchSize = 64

// controlBytes is the space for the credentials of a sender, at least unix.CmsgSpace(unix.SizeofUcred). The
// kernel gets exactly that length: into any space beyond, it would put files that the sender passes
// (SCM_RIGHTS). They would stay open in this process, so that any sender could use up its descriptors.
const controlBytes = 64

// Batch holds the datagrams of one recvmmsg, and its buffers. It belongs to one loop.
type Batch struct {
	buffers  []byte
	stride   int
	vectors  [BatchSize]unix.Iovec
	messages [BatchSize]message
	senders  [BatchSize]unix.RawSockaddrInet6 // large enough for either family
	controls [BatchSize][controlBytes]byte
	current  int // the datagram whose sender RemoteAddr returns
}

// message is the kernel's struct mmsghdr (recvmmsg(2)); the compiler pads it as C does.
type message struct {
	header unix.Msghdr
	length uint32
}

// NewBatch returns a batch for datagrams of up to maxDatagram bytes. With credentials, it receives from unix
// sockets which process sent each datagram (SO_PASSCRED, unix(7)).
func NewBatch(maxDatagram int, credentials bool) *Batch {
	// An odd number of cache lines: with a power of two all buffers would begin in the same set of the
	// caches.
	const line = 64
	stride := (maxDatagram/line | 1) * line
	if stride < maxDatagram {
		stride += 2 * line
	}
	b := &Batch{buffers: make([]byte, BatchSize*stride), stride: stride}
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

// Receive receives the datagrams that wait in socket fd, at most BatchSize, and returns how many. It never
// blocks, and therefore hides the system call from the scheduler: otherwise the first call after a sleep
// would wake the runtime's monitor thread, which then checks every 20 µs whether the call has returned.
func (b *Batch) Receive(fd int) (int, error) {
	for i := range b.messages {
		h := &b.messages[i].header // the kernel has written over the lengths
		h.Namelen = unix.SizeofSockaddrInet6
		if h.Control != nil {
			h.SetControllen(unix.CmsgSpace(unix.SizeofUcred))
		}
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages)),
			BatchSize, unix.MSG_DONTWAIT, 0, 0)
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

// Datagram returns the bytes of the i-th datagram received, valid until the next Receive, and whether it was
// cut because it was larger than the buffer. i is less than Receive returned.
func (b *Batch) Datagram(i int) (bytes []byte, cut bool) {
	b.current = i
	m := &b.messages[i]
	return b.buffers[i*b.stride:][:m.length:m.length], m.header.Flags&unix.MSG_TRUNC != 0
}

// Peer returns who sent the datagram that Datagram returned last: an address, or a process in case of a unix
// socket; zero values when that is not known. It allocates nothing.
func (b *Batch) Peer() (address netip.AddrPort, process int32) {
	name := &b.senders[b.current]
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&name.Port))[:])
	switch name.Family {
	case unix.AF_INET:
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port), 0
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(name.Addr), port), 0
	default: // a unix socket; if it has no name, it has no family
		return address, b.process()
	}
}

// process returns the process that sent the current datagram; 0 when that is not known. The kernel puts it
// before anything else that the datagram carries.
func (b *Batch) process() int32 {
	h, control := &b.messages[b.current].header, &b.controls[b.current]
	if h.Control == nil || int(h.Controllen) < unix.CmsgLen(unix.SizeofUcred) {
		return 0
	}
	c := (*unix.Cmsghdr)(unsafe.Pointer(control))
	if c.Level != unix.SOL_SOCKET || c.Type != unix.SCM_CREDENTIALS {
		return 0
	}
	return (*unix.Ucred)(unsafe.Pointer(&control[unix.CmsgLen(0)])).Pid
}
