package journal

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// createFile creates a file that did not exist.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
}

// mapBlock allocates block n of a file and maps it. The block is zero.
func mapBlock(file *os.File, n int) ([]uint64, error) {
	fd, start := int(file.Fd()), int64(n)*blockBytes
	if err := unix.Fallocate(fd, 0, start, blockBytes); errors.Is(err, unix.EOPNOTSUPP) {
		return nil, fmt.Errorf("%w: the file system cannot allocate: %w", ErrUnsupported, err)
	} else if err != nil {
		return nil, fmt.Errorf("allocate %d bytes: %w", blockBytes, err)
	}
	block, err := unix.Mmap(fd, start, blockBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("%w: map a block: %w", ErrUnsupported, err)
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(block))), blockWords), nil
}

func unmapBlock(block []uint64) error { return unix.Munmap(bytesOf(block)) }

// bootID returns a number that differs for each start of the machine.
func bootID() (id [2]uint64, err error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return id, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(string(text)), "-", ""))
	if err != nil || len(raw) != 2*wordBytes {
		return id, fmt.Errorf("%w: the boot is %q", ErrUnsupported, text)
	}
	return [2]uint64{binary.LittleEndian.Uint64(raw), binary.LittleEndian.Uint64(raw[wordBytes:])}, nil
}
