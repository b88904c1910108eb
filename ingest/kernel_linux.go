package ingest

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// spreads says that SO_REUSEPORT spreads datagrams over the sockets of one port.
const spreads = true

// bufferFactor is how much of kernel memory a receive buffer of a byte is: Linux doubles what is asked, for
// its own bookkeeping (socket(7)).
const bufferFactor = 2

// setReceiveBuffer asks for a receive buffer of so many bytes, beyond net.core.rmem_max where the process
// may, and returns what is granted in bytes of kernel memory.
func setReceiveBuffer(fd, bytes int) (granted int) {
	if bytes > 0 && unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bytes) // what was granted tells
	}
	granted, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return granted
}

// socketMemory is the kernel's account of a socket (SO_MEMINFO).
type socketMemory struct {
	queued int    // bytes of kernel memory that wait to be read
	drops  uint32 // datagrams dropped since the socket was opened; wraps
}

// readSocketMemory returns the account of socket fd; ok is false when there is none.
func readSocketMemory(fd int) (m socketMemory, ok bool) {
	var info [16]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 || size < 4*(unix.SK_MEMINFO_DROPS+1) {
		return socketMemory{}, false
	}
	m = socketMemory{queued: int(info[unix.SK_MEMINFO_RMEM_ALLOC]), drops: info[unix.SK_MEMINFO_DROPS]}
	return m, true
}
