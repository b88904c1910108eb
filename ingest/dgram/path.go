package dgram

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// MaxPath is the longest path of a unix socket, in bytes: sun_path less its NUL, on the strictest system.
const MaxPath = 103

// Errors of ClearPath.
var (
	ErrNotSocket = errors.New("the path exists and is no socket")
	ErrStale     = errors.New("cannot remove the stale socket")
)

// IsAbstract reports whether a path is a name in Linux's abstract namespace, which is no file.
func IsAbstract(path string) bool { return strings.HasPrefix(path, "@") }

// ClearPath makes sure that nothing is at path, so that a socket of network "unixgram" or "unix" can be bound
// there. It removes a socket that nobody listens on, as a killed process leaves it. Anything else stays, and
// is an error: ErrNotSocket, syscall.EADDRINUSE for a live socket, or ErrStale.
func ClearPath(network, path string) error {
	// A file may have an abstract name, too, and gnet would delete it.
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at the path: %w", errors.Unwrap(err)) // without the path
	case info.Mode().Type() != fs.ModeSocket:
		return ErrNotSocket
	}
	c, err := net.Dial(network, path)
	if err == nil {
		_ = c.Close() // nothing was sent on it
		return syscall.EADDRINUSE
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("%w: %w", ErrStale, errors.Unwrap(err))
	}
	return nil
}

// SetMode gives the socket at path its permissions, which must be valid (see ParseMode); an abstract name has
// none.
func SetMode(path, mode string) error {
	bits, _ := ParseMode(mode)
	if IsAbstract(path) {
		return nil
	}
	if err := os.Chmod(path, bits); err != nil {
		return fmt.Errorf("chmod: %w", errors.Unwrap(err)) // without the path
	}
	return nil
}

// ParseMode parses permissions in octal, 0 to 0777.
func ParseMode(mode string) (bits fs.FileMode, ok bool) {
	n, err := strconv.ParseUint(mode, 8, 32)
	return fs.FileMode(n), err == nil && n <= 0o777
}
