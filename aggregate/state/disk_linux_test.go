package state_test

import (
	"errors"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// On a full disk the journal ends, and nothing else does: saves fail, the process goes on, and a kill resets.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1M"); errors.Is(err, unix.EPERM) {
		t.Skip("this user may not mount a file system of 1 MiB")
	} else if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
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
