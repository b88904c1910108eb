package dgram

import "golang.org/x/sys/unix"

// passCredentials makes the kernel add to each datagram which process sent it.
func passCredentials(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
}
