package journal_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"weir/aggregate/journal"
)

// On a disk with room for one block, the second one makes the journal incomplete, and nothing is killed.
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
	path := filepath.Join(dir, "journal")
	j, err := journal.Create(path, 1, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = j.Add([]byte("a"), make([]uint64, 1000), 1000)
	}
	if !errors.Is(err, unix.ENOSPC) || j.IsComplete() {
		t.Errorf("Add = %v, complete %v, want ENOSPC", err, j.IsComplete())
	}
	if _, err := journal.Read(path, 1); !errors.Is(err, journal.ErrIncomplete) {
		t.Errorf("Read = %v, want ErrIncomplete", err)
	}
	if _, err := journal.Create(path+"-2", 2, 1<<20); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("Create on a full disk = %v, want ENOSPC", err)
	}
	if _, err := os.Stat(path + "-2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a journal that could not be created is there: %v", err)
	}
	if err := j.Remove(); err != nil {
		t.Error(err)
	}
}

// A journal works in memory that processes share, and cannot be where no file can be.
func TestPlaces(t *testing.T) {
	shm := filepath.Join("/dev/shm", "weir-journal-test-"+filepath.Base(t.TempDir()))
	if j, err := journal.Create(shm, 1, 1<<20); errors.Is(err, fs.ErrNotExist) {
		t.Log("there is no /dev/shm")
	} else if err != nil {
		t.Error(err)
	} else if err := j.Remove(); err != nil {
		t.Error(err)
	}
	f := func(path string) {
		t.Helper()
		if _, err := journal.Create(path, 1, 1<<20); err == nil {
			t.Errorf("Create(%s) = nil, want an error", path)
		}
	}
	f(filepath.Join(t.TempDir(), "missing", "journal"))
	f("/proc/journal")
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f(full)
}

// A link that somebody has put where the journal will be is replaced, not followed.
func TestCreateFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	victim, path := filepath.Join(dir, "victim"), filepath.Join(dir, "journal")
	if err := errors.Join(os.WriteFile(victim, []byte("precious"), 0o600), os.Symlink(victim, path)); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Create(path, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if content, err := os.ReadFile(victim); err != nil || string(content) != "precious" {
		t.Errorf("the victim has %q, %v", content, err)
	}
}
