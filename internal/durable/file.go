package durable

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cespare/xxhash/v2"
)

// Format says how a file begins.
type Format struct {
	// Magic is what such files begin with, as in "weir state ".
	Magic string
	// Version is the version that is written, 1 to 999, and the newest that can be read.
	Version int
	// NoSync leaves out the syncs of a file and its directory, for a file that may be lost when the machine
	// crashes.
	NoSync bool
}

const (
	versionBytes = len("001\n")
	sumBytes     = 8

	// temporary ends the name of a file that is being written.
	temporary = ".tmp"

	maxLinks = 40 // as in Linux
)

// ErrDamaged says that a file is cut short, was changed, or does not have the format.
var ErrDamaged = errors.New("damaged")

// NewerError says that a file has a version that is newer than the format's.
type NewerError struct{ Version, Known int }

// Error implements error.
func (e *NewerError) Error() string {
	return fmt.Sprintf("its version is %03d, the newest known is %03d", e.Version, e.Known)
}

// Write replaces the file at a path, which need not exist, and returns its size. The payload is what write
// writes. After an error the file is as it was. Only the user of the process may read the file.
func (f Format) Write(path string, write func(io.Writer) error) (size int64, err error) {
	path = Target(path)
	dir, name := filepath.Split(path)
	file, err := os.CreateTemp(orHere(dir), name+".*"+temporary)
	if err != nil {
		return 0, err
	}
	size, err = f.fill(file, write)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the first error tells
		return 0, err
	}
	if f.NoSync {
		return size, nil
	}
	return size, syncDir(orHere(dir))
}

// fill writes a whole file, so that it is on the disk unless f.NoSync.
func (f Format) fill(file *os.File, write func(io.Writer) error) (size int64, err error) {
	buffered := bufio.NewWriterSize(file, 64<<10)
	sum := xxhash.New()
	both := io.MultiWriter(buffered, sum)
	if _, err := fmt.Fprintf(both, "%s%03d\n", f.Magic, f.Version); err != nil {
		return 0, err
	}
	if err := write(both); err != nil {
		return 0, err
	}
	if _, err := buffered.Write(binary.LittleEndian.AppendUint64(nil, sum.Sum64())); err != nil {
		return 0, err
	}
	if err := buffered.Flush(); err != nil {
		return 0, err
	}
	if size, err = file.Seek(0, io.SeekCurrent); err != nil {
		return 0, err
	}
	if f.NoSync {
		return size, nil
	}
	return size, file.Sync()
}

// Read hands the payload of the file at a path, and its version, to read. The error is that of read, a
// [NewerError], [ErrDamaged] with the reason, or one of the file system: an fs.ErrNotExist when there is no
// file. Only regular files are read.
func (f Format) Read(path string, read func(version int, payload io.Reader) error) error {
	info, err := os.Stat(path) // before it is opened, which waits for a writer when it is a pipe
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may have become a pipe meanwhile
	if err != nil {
		return err
	}
	defer file.Close() // it was only read
	version, err := f.check(file, info.Size())
	if err != nil {
		return err
	}
	head := int64(len(f.Magic) + versionBytes)
	payload := io.NewSectionReader(file, head, info.Size()-head-sumBytes)
	return read(version, bufio.NewReaderSize(payload, 64<<10))
}

// check returns the version of a file of which every byte is as it was written.
func (f Format) check(file io.ReaderAt, size int64) (version int, err error) {
	head := make([]byte, len(f.Magic)+versionBytes)
	if size < int64(len(head)+sumBytes) {
		return 0, fmt.Errorf("%w: it is cut short", ErrDamaged)
	}
	if _, err := file.ReadAt(head, 0); err != nil {
		return 0, err
	}
	version, found := f.versionOf(head)
	if !found {
		return 0, fmt.Errorf("%w: it does not begin with %q and a version", ErrDamaged, f.Magic)
	}
	if version > f.Version {
		return 0, &NewerError{version, f.Version}
	}
	var sum [sumBytes]byte
	if _, err := file.ReadAt(sum[:], size-sumBytes); err != nil {
		return 0, err
	}
	hash := xxhash.New()
	if _, err := io.Copy(hash, io.NewSectionReader(file, 0, size-sumBytes)); err != nil {
		return 0, err
	}
	if hash.Sum64() != binary.LittleEndian.Uint64(sum[:]) {
		return 0, fmt.Errorf("%w: its checksum is wrong: it was changed or cut short", ErrDamaged)
	}
	return version, nil
}

// versionOf reads the version in a head.
//
//	weir state 001\n
//	           ^version
func (f Format) versionOf(head []byte) (version int, found bool) {
	magic, digits := head[:len(f.Magic)], head[len(f.Magic):len(head)-1]
	if string(magic) != f.Magic || head[len(head)-1] != '\n' || !isNumber(string(digits)) {
		return 0, false
	}
	for _, c := range digits {
		version = 10*version + int(c-'0')
	}
	return version, version > 0
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Target returns the file that a path leads to: the path itself, unless it is a symbolic link. The file need
// not exist.
func Target(path string) string {
	for range maxLinks {
		to, err := os.Readlink(path)
		if err != nil {
			break // it is no link
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path
}

// orHere returns a directory, or the current one where a path has none.
func orHere(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

// syncDir makes a rename in a directory last.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
