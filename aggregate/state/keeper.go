package state

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"weir/aggregate"
	"weir/aggregate/journal"
	"weir/internal/durable"
)

// ErrLocked says that another process uses the state file. The error says which.
var ErrLocked = durable.ErrLocked

// Options say where a state is kept.
type Options struct {
	// Path is where the state file is; a link stays a link.
	Path string
	// JournalMaxBytes is the most that a journal grows to; 0 means no journal.
	JournalMaxBytes int64
	// Interval is how often Save is called.
	Interval time.Duration
}

// maxDowntime is how long after the last save that was due the state of a process that was killed is used. A
// process may have run in between that could not write the state, and has shown other values. Nothing is lost
// by beginning at zero instead, except what no scrape has seen.
const maxDowntime = 10 * time.Minute

// MayPass reports whether an error is of a disk that is full or read-only, which may pass: a process that
// cannot save for such a reason is better than none.
func MayPass(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

// Keeper keeps the series of a registry in a state file.
type Keeper struct {
	options  Options
	registry *aggregate.Registry
	target   string // the file that the path leads to
	lock     io.Closer

	file    uint64             // the journal that the state file names
	used    uint64             // the highest number of a journal that is on the disk, or was
	old     []*journal.Journal // to be removed after the next save
	stale   []string           // files of journals that other processes left; the same
	current atomic.Pointer[journal.Journal]
	isSaved atomic.Bool // a save has worked, so the next process finds the journal
	failure error       // why there is no new journal; nil when there is one
}

// New returns a keeper. It opens nothing.
func New(o Options, r *aggregate.Registry) *Keeper { return &Keeper{options: o, registry: r} }

// HasJournal reports whether all that is shown is journaled: after a kill nothing that was shown is lost.
func (k *Keeper) HasJournal() bool {
	j := k.current.Load()
	return j != nil && j.IsComplete() && k.isSaved.Load()
}

// JournalError returns why the last save could not begin a journal; nil when it could, and when there is to
// be none.
func (k *Keeper) JournalError() error { return k.failure }

// Lock takes the lock of the state file. The error is ErrLocked or one of the file system.
func (k *Keeper) Lock() (err error) {
	if k.lock == nil {
		k.target = durable.Target(k.options.Path)
		if info, err := os.Stat(k.target); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", k.options.Path)
		}
		k.lock, err = durable.Lock(k.target + ".lock")
	}
	return err
}

// Load locks the state file and restores the series that it and its journals have; see
// [aggregate.StateFile.LoadJournaled]. The next Save removes these journals. On a disk that is
// full or read-only it goes on without a lock, which a later Save takes.
func (k *Keeper) Load() (restored aggregate.Restored, err error) {
	if err := k.Lock(); err != nil && !MayPass(err) {
		return restored, err
	}
	if k.stale, k.used, err = k.journals(); err != nil {
		return restored, err
	}
	file := aggregate.StateFile{Path: k.options.Path}
	return file.LoadJournaled(k.registry, func(m aggregate.Mark) []*journal.Contents {
		k.file, k.used = m.Journal, max(k.used, m.Journal)
		return k.open(m.Journal)
	})
}

// open reads journal N and, when there is one, journal N+1; none when one of them cannot be used, or when the
// state file is too old.
func (k *Keeper) open(n uint64) []*journal.Contents {
	info, err := os.Stat(k.target)
	if err != nil || time.Since(info.ModTime()) > k.options.Interval+maxDowntime {
		return nil
	}
	first, err := journal.Read(k.journalPath(n), n)
	if err != nil {
		return nil
	}
	second, err := journal.Read(k.journalPath(n+1), n+1)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []*journal.Contents{first}
	case err != nil:
		return nil
	}
	return []*journal.Contents{first, second}
}

func (k *Keeper) journalPath(n uint64) string {
	return k.target + ".journal-" + strconv.FormatUint(n, 10)
}

// journals returns the files of journals, and the highest number of one.
func (k *Keeper) journals() (paths []string, highest uint64, err error) {
	dir, name := filepath.Split(k.target)
	entries, err := os.ReadDir(filepath.Clean(dir))
	for _, entry := range entries {
		number, found := strings.CutPrefix(entry.Name(), name+".journal-")
		if n, err := strconv.ParseUint(number, 10, 63); found && err == nil && entry.Type().IsRegular() {
			paths, highest = append(paths, dir+entry.Name()), max(highest, n)
		}
	}
	return paths, highest, err
}

// Abandon is for when the first Save after Load has failed and the process goes on: it has restored values,
// will show larger ones, and might be killed. The state file goes out of the way, so that no later process
// restores the same values once more. When it cannot, as on a read-only disk, all that accumulates begins at
// zero now, and isReset is true.
func (k *Keeper) Abandon() (aside string, isReset bool) {
	aside, err := durable.SetAside(k.target, durable.ErrDamaged)
	if aside != "" || errors.Is(err, fs.ErrNotExist) {
		return aside, false
	}
	aggregate.StartFromZero(k.registry)
	return "", true
}

// Save writes every series, beside the writers, and returns how many bytes it wrote. The state file is either
// as it was before or whole, whatever happens.
func (k *Keeper) Save() (size int64, err error) {
	k.begin()
	if j := k.current.Load(); j != nil {
		return k.save(aggregate.Mark{Journal: j.ID()})
	}
	k.used++ // a number that no journal has
	return k.save(aggregate.Mark{Journal: k.used})
}

// SaveLast is Save after the last sample: nothing that is shown later is more than the file has. It ends the
// journal, and the lock.
func (k *Keeper) SaveLast() (size int64, err error) {
	if size, err = k.save(aggregate.Mark{Journal: k.used, IsClean: true}); err != nil {
		return size, err
	}
	k.registry.SetJournal(nil)
	if j := k.current.Swap(nil); j != nil {
		err = j.Remove()
	}
	return size, errors.Join(err, k.Close())
}

// Close ends the lock. It is safe twice.
func (k *Keeper) Close() error {
	lock := k.lock
	k.lock = nil
	if lock == nil {
		return nil
	}
	return lock.Close()
}

// begin begins a journal, unless there is one that a save that failed has begun. When it cannot, the journal
// before goes on.
func (k *Keeper) begin() {
	before := k.current.Load()
	if k.options.JournalMaxBytes == 0 || before != nil && before.ID() != k.file && before.IsComplete() {
		return
	}
	next, err := journal.Create(k.journalPath(k.used+1), k.used+1, k.options.JournalMaxBytes)
	if k.failure = err; err != nil {
		return
	}
	k.used++
	if before != nil {
		k.old = append(k.old, before)
	}
	k.current.Store(next)
	k.registry.SetJournal(next)
}

func (k *Keeper) save(mark aggregate.Mark) (size int64, err error) {
	if err := k.Lock(); err != nil {
		return 0, err
	}
	size, err = aggregate.StateFile{Path: k.options.Path}.SaveMarked(k.registry, mark)
	if err != nil {
		return size, err
	}
	k.file = mark.Journal
	k.isSaved.Store(true)
	for _, j := range k.old {
		err = errors.Join(err, j.Remove())
	}
	for _, path := range k.stale {
		if removeErr := os.Remove(path); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}
	k.old, k.stale = slices.Delete(k.old, 0, len(k.old)), nil
	if err != nil {
		err = fmt.Errorf("remove journals: %w", err)
	}
	return size, err
}
