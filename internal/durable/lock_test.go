package durable_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"weir/internal/durable"
)

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.lock")
	first, err := durable.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("pid %d, %s", os.Getpid(), filepath.Base(os.Args[0]))
	if _, err := durable.Lock(path); !errors.Is(err, durable.ErrLocked) || !strings.Contains(err.Error(), want) {
		t.Errorf("the second Lock = %v, want ErrLocked with %q", err, want)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := durable.Lock(path)
	if err != nil {
		t.Fatalf("Lock after Close = %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// What is no regular file is an error, and never waited for.
func TestLockRefuses(t *testing.T) {
	dir := t.TempDir()
	f := func(name string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if lock, err := durable.Lock(filepath.Join(dir, name)); err == nil {
			t.Errorf("Lock of a %s = nil", name)
			_ = lock.Close()
		}
	}
	f("pipe", unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	f("folder", os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	f("link", os.Symlink(filepath.Join(dir, "target"), filepath.Join(dir, "link")))
	f("missing/lock", nil)
}
