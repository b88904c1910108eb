//go:build !linux

package ingest

import "golang.org/x/sys/unix"

// spreads says that SO_REUSEPORT spreads datagrams over the sockets of one port: only Linux does.
const spreads = false

// bufferFactor is how much of kernel memory a receive buffer of a byte is.
const bufferFactor = 1

// setReceiveBuffer asks for a receive buffer of so many bytes and returns what is granted, in bytes of
// kernel memory.
func setReceiveBuffer(fd, bytes int) (granted int) {
	if bytes > 0 {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bytes) // what was granted tells
	}
	granted, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return granted
}

type socketMemory struct {
	queued int
	drops  uint32
}

// readSocketMemory has nothing to tell: only Linux keeps such an account.
func readSocketMemory(int) (m socketMemory, ok bool) { return socketMemory{}, false }
