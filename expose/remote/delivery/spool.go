package delivery

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/durable"
)

// requestFile is the format of a request on disk. It survives the end of the process, killed or not; a crash
// of the machine may damage it, which its checksum tells.
var requestFile = durable.Format{Magic: "weir request ", Version: 1, NoSync: true}

const requestEnd = ".request"

// spool is the folder of one target: a file for each request, in the order of their names.
type spool struct {
	dir  string
	lock io.Closer
	next int // number of the next file
}

// openSpool takes the folder of a target in dir for this process. A folder that cannot be used is an error.
func openSpool(dir, target string) (*spool, error) {
	s := &spool{dir: filepath.Join(dir, folderOf(target))}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool.dir: %w", err)
	}
	lock, err := durable.Lock(filepath.Join(s.dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("spool.dir: %w", err)
	}
	s.lock = lock
	return s, nil
}

// folderOf returns a folder's name for a target: letters, digits and ".-_" as they are, other bytes as %XX.
func folderOf(target string) string {
	var b strings.Builder
	for _, c := range []byte(target) {
		isPlain := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-_.", c) >= 0
		if isPlain && (c != '.' || b.Len() > 0) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// entries returns what an earlier process has left, in order, and what of it cannot be read, each with the
// reason. It removes files that were never whole.
func (s *spool) entries() (found []*entry, bad []error) {
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, []error{err}
	}
	for _, f := range files { // sorted by name
		path := filepath.Join(s.dir, f.Name())
		if strings.HasSuffix(f.Name(), ".tmp") {
			_ = os.Remove(path) // it has nothing that was promised
			continue
		}
		number, isRequest := strings.CutSuffix(f.Name(), requestEnd)
		n, err := strconv.Atoi(number)
		if !isRequest || err != nil {
			continue // not ours
		}
		s.next = max(s.next, n+1)
		e := &entry{path: path}
		if e.Block, err = readRequest(path); err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", path, err))
			_ = os.Remove(path)
			continue
		}
		if info, err := f.Info(); err == nil {
			e.size = info.Size()
		}
		e.Body = nil
		found = append(found, e)
	}
	slices.SortStableFunc(found, func(a, b *entry) int { return a.Made.Compare(b.Made) })
	return found, bad
}

// write writes a block to a file of its own, and returns its path and size.
func (s *spool) write(b *Block) (path string, size int64, err error) {
	path = filepath.Join(s.dir, fmt.Sprintf("%020d", s.next)+requestEnd)
	s.next++
	size, err = requestFile.Write(path, func(w io.Writer) error {
		head := []byte{byte(b.Protocol), byte(b.Holds)}
		head = binary.BigEndian.AppendUint64(head, uint64(b.Made.UnixMilli()))
		head = binary.BigEndian.AppendUint32(head, uint32(b.Samples))
		if _, err := w.Write(head); err != nil {
			return err
		}
		_, err := w.Write(b.Body)
		return err
	})
	return path, size, err
}

// errNoRequest says that a file is whole and has no request.
var errNoRequest = errors.New("it has no request")

// readRequest reads a block from its file.
func readRequest(path string) (b Block, err error) {
	err = requestFile.Read(path, func(_ int, payload io.Reader) error {
		const head = 2 + 8 + 4
		all, err := io.ReadAll(payload)
		if err != nil {
			return err
		}
		if len(all) < head || Protocol(all[0]) > OTLP || Holds(all[1]) > Metadata {
			return errNoRequest
		}
		b.Protocol, b.Holds = Protocol(all[0]), Holds(all[1])
		b.Made = time.UnixMilli(int64(binary.BigEndian.Uint64(all[2:])))
		b.Samples = int(binary.BigEndian.Uint32(all[10:]))
		b.Body = all[head:]
		return nil
	})
	return b, err
}

// remove removes the file of a request, which may be gone.
func (*spool) remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
