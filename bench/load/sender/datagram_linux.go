package sender

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// datagramLink sends many datagrams with one system call.
type datagramLink struct {
	conn     datagramConn
	raw      syscall.RawConn
	vectors  [maxBurst]unix.Iovec
	messages [maxBurst]message

	// What passes between send and transmit, which is one closure so that sending allocates nothing.
	transmit func(fd uintptr) (done bool)
	count    int // how many messages there are
	sent     int
	errno    unix.Errno
}

// message is the kernel's struct mmsghdr (sendmmsg(2)); the compiler pads it as C does.
type message struct {
	header unix.Msghdr
	_      uint32 // how much of it was sent: of a datagram, always all
}

func newDatagramLink(conn datagramConn) (link, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	l := &datagramLink{conn: conn, raw: raw}
	for i := range l.messages {
		l.messages[i].header.Iov = &l.vectors[i]
		l.messages[i].header.SetIovlen(1)
	}
	l.transmit = func(fd uintptr) bool {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&l.messages)),
			uintptr(l.count), unix.MSG_DONTWAIT, 0, 0)
		l.sent, l.errno = int(n), errno
		return errno != unix.EAGAIN && errno != unix.EINTR
	}
	return l, nil
}

func (l *datagramLink) send(ring *Ring, first, last int, r *Report) (sent int, err error) {
	l.count = last - first
	for i := range l.count {
		datagram := ring.datagram(first + i)
		l.vectors[i].Base = unsafe.SliceData(datagram)
		l.vectors[i].SetLen(len(datagram))
	}
	if err := l.raw.Write(l.transmit); err != nil {
		return 0, err
	}
	if l.errno != 0 {
		return 0, l.errno
	}
	for i := range l.sent {
		p := &ring.packets[first+i]
		r.add(p, p.end-p.start)
	}
	return l.sent, nil
}

func (l *datagramLink) setDeadline(at time.Time) error { return l.conn.SetWriteDeadline(at) }

func (l *datagramLink) close() error { return l.conn.Close() }
