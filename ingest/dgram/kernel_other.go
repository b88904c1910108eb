//go:build !linux

package dgram

// Spreads says whether SO_REUSEPORT spreads datagrams over the sockets of one port: only on Linux.
const Spreads = false

// BufferFactor is how much kernel memory one requested byte of receive buffer is.
const BufferFactor = 1

// forceReceiveBuffer does nothing: only Linux has a way around its limit.
func forceReceiveBuffer(int, int) bool { return false }

// socketMemory is the kernel's account of a socket.
type socketMemory struct {
	queued int
	drops  uint32
}

// readSocketMemory returns nothing: only Linux keeps such an account.
func readSocketMemory(int) (m socketMemory, ok bool) { return socketMemory{}, false }
