package aggregate

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

const (
	stateMagic   = "weir state "
	stateVersion = 1

	// stateHead is the length of what a state file begins with: the magic, the version as three digits, a
	// newline, and when it was saved, in seconds since the epoch, little endian.
	stateHead = len(stateMagic) + 4 + 8

	// stateSum is the length of what it ends with: the xxhash of all before, little endian.
	stateSum = 8
)

// ErrState says that a state file cannot be used: it is cut short, damaged, of a newer version, or none.
var ErrState = errors.New("not a usable state file")

// StateFile keeps the series of a registry over restarts. Its methods may be called by one goroutine at a
// time.
type StateFile struct {
	// Path is where it is. Beside it there is at times another, which ends in ".tmp".
	Path string
}

// Save writes every series, beside the writers, and returns how many bytes it wrote. The file is either as it
// was before or whole, whatever happens: it is written under another name, synced and renamed.
func (f StateFile) Save(r *Registry) (size int64, err error) {
	temporary := f.Path + ".tmp"
	size, err = createState(temporary, r)
	if err == nil {
		err = os.Rename(temporary, f.Path)
	}
	if err != nil {
		_ = os.Remove(temporary) // it may not be there; the first error tells
		return 0, err
	}
	return size, syncDir(filepath.Dir(f.Path))
}

// createState writes a state to a new file, so that it is on the disk.
func createState(path string, r *Registry) (size int64, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	if size, err = writeState(file, r); err == nil {
		err = file.Sync()
	}
	return size, errors.Join(err, file.Close())
}

// syncDir makes a rename in a directory last.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if closeErr := dir.Close(); err == nil {
		err = closeErr
	}
	return err
}

func writeState(file io.Writer, r *Registry) (size int64, err error) {
	hash := xxhash.New()
	buffered := bufio.NewWriterSize(file, 64<<10)
	counted := &countingWriter{w: io.MultiWriter(buffered, hash)}
	head := fmt.Appendf(nil, "%s%03d\n", stateMagic, stateVersion)
	head = binary.LittleEndian.AppendUint64(head, uint64(r.Now()))
	if _, err = counted.Write(head); err != nil {
		return 0, err
	}
	if _, err = r.save(counted); err != nil {
		return 0, err
	}
	if _, err = buffered.Write(binary.LittleEndian.AppendUint64(nil, hash.Sum64())); err != nil {
		return 0, err
	}
	return counted.n + stateSum, buffered.Flush()
}

type countingWriter struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// Load brings back what the file has; nothing when there is no file. Call it before anything is recorded.
// When the file cannot be used it is renamed to end in ".bad", and the error is an ErrState that says so;
// other errors are of the file system.
func (f StateFile) Load(r *Registry) (Restored, error) {
	info, err := os.Stat(f.Path) // before it is opened, which waits for a writer when it is a pipe
	if errors.Is(err, fs.ErrNotExist) {
		return Restored{}, nil
	}
	if err != nil {
		return Restored{}, err
	}
	if !info.Mode().IsRegular() {
		return Restored{}, fmt.Errorf("%s is not a regular file", f.Path)
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return Restored{}, err
	}
	defer file.Close() // it was only read
	restored, err := readState(file, info.Size(), r)
	if !errors.Is(err, ErrState) {
		return restored, err
	}
	aside := f.Path + ".bad"
	if renameErr := os.Rename(f.Path, aside); renameErr != nil {
		return restored, errors.Join(err, renameErr)
	}
	return restored, fmt.Errorf("%w; it is now %s", err, aside)
}

// readState restores a state of size bytes. It looks at the checksum before anything else but the version.
func readState(file io.ReaderAt, size int64, r *Registry) (Restored, error) {
	if size < int64(stateHead+stateSum) {
		return Restored{}, fmt.Errorf("%w: it is cut short", ErrState)
	}
	head := make([]byte, stateHead)
	if _, err := file.ReadAt(head, 0); err != nil {
		return Restored{}, err
	}
	version, found := strings.CutPrefix(string(head[:stateHead-8]), stateMagic)
	switch {
	case !found:
		return Restored{}, fmt.Errorf("%w: it is not weir's", ErrState)
	case version != fmt.Sprintf("%03d\n", stateVersion):
		return Restored{}, fmt.Errorf("%w: its version is %q, this weir knows %03d", ErrState,
			strings.TrimSpace(version), stateVersion)
	}
	sum := make([]byte, stateSum)
	if _, err := file.ReadAt(sum, size-stateSum); err != nil {
		return Restored{}, err
	}
	hash := xxhash.New()
	if _, err := io.Copy(hash, io.NewSectionReader(file, 0, size-stateSum)); err != nil {
		return Restored{}, err
	}
	if hash.Sum64() != binary.LittleEndian.Uint64(sum) {
		return Restored{}, fmt.Errorf("%w: its checksum is wrong: it is damaged or cut short", ErrState)
	}
	saved := int64(binary.LittleEndian.Uint64(head[stateHead-8:]))
	away := min(max(r.Now()-saved, 0), int64(maxDuration/time.Second))
	records := io.NewSectionReader(file, int64(stateHead), size-int64(stateHead)-stateSum)
	restored, err := r.restore(bufio.NewReader(records), uint32(away))
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrState, err)
	}
	return restored, err
}
