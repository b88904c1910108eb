package dgram

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Spreads says whether SO_REUSEPORT spreads datagrams over the sockets of one port.
const Spreads = true

// BufferFactor is how much kernel memory one requested byte of receive buffer is: Linux doubles the request
// for its bookkeeping (socket(7)).
const BufferFactor = 2

// forceReceiveBuffer sets a receive buffer beyond net.core.rmem_max, and reports whether the process may.
func forceReceiveBuffer(fd, bytes int) bool {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes) == nil
}

// socketMemory is the kernel's account of a socket (SO_MEMINFO).
type socketMemory struct {
	queued int    // bytes of kernel memory that wait to be read
	drops  uint32 // datagrams dropped since the socket was opened; wraps
}

// readSocketMemory returns the account of socket fd; ok is false when the kernel has none.
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
