package dgram

import "golang.org/x/sys/unix"

// passCredentials makes the kernel add to each datagram which process sent it.
func passCredentials(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
}

// PeerProcess returns the process that opened the connection of a unix stream socket; 0 when that is not
// known.
func PeerProcess(fd int) int32 {
	credentials, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0
	}
	return credentials.Pid
}
