package ingest

import "golang.org/x/sys/unix"

// passCredentials makes the kernel tell which process sends a datagram.
func passCredentials(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
}
