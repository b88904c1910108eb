package state_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/aggregate"
	"weir/aggregate/journal"
	"weir/aggregate/state"
)

// mount mounts a file system on a directory of its own, until the end of the test.
func mount(t *testing.T, kind, options string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount(kind, dir, kind, 0, options); errors.Is(err, unix.EPERM) {
		t.Skip("this user may not mount a file system")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil { // journals of lives that were killed are mapped
			t.Error(err)
		}
	})
	return dir
}

// On a full disk the journal ends, and nothing else does: saves fail, the process goes on, and a kill resets.
func TestFullDisk(t *testing.T) {
	dir := mount(t, "tmpfs", "size=1M")
	path := filepath.Join(dir, "state")
	l, _ := begin(t, path, nil)
	if l.HasJournal() || !errors.Is(l.JournalError(), unix.ENOSPC) {
		t.Errorf("a journal of 1 MiB beside a state of 1 MiB: %v", l.JournalError())
	}
	l.record(t, 0, "hits:3|c")
	if got := l.show(false)["hits{}"]; got != 3 {
		t.Errorf("hits = %v, want 3", got)
	}
	if _, err := l.Save(); err != nil {
		t.Fatal(err)
	}
	l.kill()
	next, restored := begin(t, path, nil)
	defer next.kill()
	if restored.Reset != 1 {
		t.Errorf("restored %+v, want a reset", restored)
	}
}

// resume returns a life that has loaded a state that it cannot save.
func resume(t *testing.T, path string, want error) (l *life, aside string, isReset bool) {
	t.Helper()
	l = newLife(path, nil)
	if _, err := l.Load(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Save(); !errors.Is(err, want) || !state.MayPass(err) {
		t.Fatalf("Save = %v, want %v", err, want)
	}
	aside, isReset = l.Abandon()
	if l.HasJournal() {
		t.Error("there is a journal without a state")
	}
	return l, aside, isReset
}

// A process that starts on a disk that is full has the values of before, and no later one restores them once more.
func TestStartOnFullDisk(t *testing.T) {
	dir := mount(t, "tmpfs", "size=4M")
	path := filepath.Join(dir, "state")
	l, _ := begin(t, path, nil)
	l.record(t, 0, "hits:3|c")
	l.show(false)
	if _, err := l.SaveLast(); err != nil {
		t.Fatal(err)
	}
	filler, err := os.Create(filepath.Join(dir, "filler"))
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	defer filler.Close()
	l, aside, isReset := resume(t, path, unix.ENOSPC)
	if aside != path+".bad" || isReset {
		t.Errorf("the state is now %q, reset %v", aside, isReset)
	}
	if got := l.show(false)["hits{}"]; got != 3 {
		t.Errorf("hits = %v, want 3", got)
	}
	l.kill()
	if err := filler.Truncate(0); err != nil {
		t.Fatal(err)
	}
	next, restored := begin(t, path, nil)
	defer next.kill()
	if restored.Series != 0 || !next.HasJournal() {
		t.Errorf("restored %+v with a journal %v, want nothing with one", restored, next.HasJournal())
	}
}

// On a read-only disk each process begins at zero, except gauges, until one can save.
func TestStartOnReadOnlyDisk(t *testing.T) {
	dir := mount(t, "tmpfs", "size=4M")
	path := filepath.Join(dir, "state")
	l, _ := begin(t, path, func(o *aggregate.Options) { o.Timers.Observer = "both" })
	l.record(t, 0, "hits:3|c\ntime:2|h\nlevel:5|g")
	l.show(false)
	if _, err := l.SaveLast(); err != nil {
		t.Fatal(err)
	}
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT|flags, "size=4M"); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	for range 2 {
		before := time.Now().Unix()
		l, aside, isReset := resume(t, path, unix.EROFS)
		if aside != "" || !isReset {
			t.Errorf("the state is now %q, reset %v", aside, isReset)
		}
		if got := l.show(true); got["hits{}"] != 0 || got["time{}"] != 0 || got["time{} sum"] != 0 || got["level{}"] != 5 {
			t.Errorf("%v is shown, want zeros and the gauge", got)
		}
		if created := l.registry.Snapshot().Families[0].Series[0].Created().Unix(); created < before {
			t.Errorf("hits were created at %d, want %d", created, before)
		}
		l.record(t, 0, "hits:1|c\ntime:2|h")
		if got := l.show(true); got["hits{}"] != 1 || got["time{}"] != 1 {
			t.Errorf("%v is shown, want ones", got)
		}
		l.kill()
	}
	l, _, _ = resume(t, path, unix.EROFS)
	l.record(t, 0, "hits:2|c")
	remount(0)
	if _, err := l.Save(); err != nil || !l.HasJournal() {
		t.Errorf("Save = %v, with a journal: %v", err, l.HasJournal())
	}
	l.kill()
	next, restored := begin(t, path, nil)
	defer next.kill()
	if got := next.show(false)["hits{}"]; got != 2 || restored.Reset != 0 {
		t.Errorf("hits = %v, restored %+v, want 2 and no reset", got, restored)
	}
}

// A file system that cannot allocate has no journal, and a kill resets.
func TestNoAllocation(t *testing.T) {
	path := filepath.Join(mount(t, "ramfs", ""), "state")
	l, _ := begin(t, path, nil)
	if l.HasJournal() || !errors.Is(l.JournalError(), journal.ErrUnsupported) {
		t.Errorf("a journal on ramfs: %v", l.JournalError())
	}
	l.record(t, 0, "hits:3|c")
	if _, err := l.Save(); err != nil {
		t.Fatal(err)
	}
	l.kill()
	next, restored := begin(t, path, nil)
	defer next.kill()
	if restored.Reset != 1 {
		t.Errorf("restored %+v, want a reset", restored)
	}
}
