package durable

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrLocked says that another process has a lock.
var ErrLocked = errors.New("another process uses it")

// Lock takes the lock of a path for this process, until the file is closed or the process ends. The lock file
// says who has it and stays, since removing it would let two processes have a lock. The error is ErrLocked,
// with the process that has it, or one of the file system.
func Lock(path string) (io.Closer, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is not a regular file", path), err, file.Close())
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%w: %s (%s)", ErrLocked, holder(file), path), file.Close())
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	_, _ = fmt.Fprintf(file, "pid %d, %s\n", os.Getpid(), filepath.Base(os.Args[0])) // on a full disk without
	return file, nil
}

// holder returns who wrote a lock file, as in "pid 17, weir".
func holder(file *os.File) string {
	const most = 200
	text, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil || len(text) == 0 {
		return "an unknown process"
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(text), "?"))
}
