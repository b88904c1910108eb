package dgram

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// OpenUnixgram returns a non-blocking unix datagram socket that is bound to path. On Linux its datagrams
// carry the process that sent them (SO_PASSCRED). Nothing may be at path: see ClearPath.
func OpenUnixgram(path string) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, fmt.Errorf("socket: %w", err)
	}
	unix.CloseOnExec(fd)
	err = errors.Join(passCredentials(fd), unix.SetNonblock(fd, true),
		unix.Bind(fd, &unix.SockaddrUnix{Name: path}))
	if err != nil {
		_ = unix.Close(fd) // the first error says why
		return 0, err
	}
	return fd, nil
}
