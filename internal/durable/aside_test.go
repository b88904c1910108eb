package durable_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"weir/internal/durable"
)

// setAside writes a file, sets it aside and returns the end of its new name.
func setAside(t *testing.T, path, content string, refused error) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	aside, err := durable.SetAside(path, refused)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(aside); err != nil || string(got) != content {
		t.Errorf("%s has %q, %v, want %q", aside, got, err, content)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", path, err)
	}
	return filepath.Base(aside)
}

// Files of newer versions get names of their own, and none replaces another.
func TestSetNewerAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	f := func(version int, want string) {
		t.Helper()
		err := fmt.Errorf("load: %w", &durable.NewerError{Version: version, Known: 1})
		if got := setAside(t, path, want, err); got != want {
			t.Errorf("version %d is now %s, want %s", version, got, want)
		}
	}
	f(2, "file.version-002")
	f(3, "file.version-003")
	for i := 2; i < 15; i++ {
		f(2, fmt.Sprintf("file.version-002-%d", i))
	}
	f(999, "file.version-999")
}

// Ten damaged files are kept; then the one that was written first gives way.
func TestSetBadAside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	now := time.Now()
	f := func(age time.Duration, want string) {
		t.Helper()
		if got := setAside(t, path, want, durable.ErrDamaged); got != want {
			t.Errorf("it is now %s, want %s", got, want)
		}
		if err := os.Chtimes(filepath.Join(dir, want), now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	f(time.Minute, "file.bad")
	for i := 2; i <= 10; i++ {
		f(time.Duration(i%4)*time.Hour, fmt.Sprintf("file.bad-%d", i))
	}
	f(time.Second, "file.bad-3") // three hours old, as 7 is, and before it
	f(time.Second, "file.bad-7")
	if err := os.Remove(filepath.Join(dir, "file.bad-5")); err != nil {
		t.Fatal(err)
	}
	f(time.Second, "file.bad-5")
	if got := names(t, dir); len(got) != 10 {
		t.Errorf("there is %q, want 10 files", got)
	}
}

func TestSetAsideNothing(t *testing.T) {
	if _, err := durable.SetAside(filepath.Join(t.TempDir(), "file"), durable.ErrDamaged); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
}

// What a crash left goes, and nothing else.
func TestRemoveRest(t *testing.T) {
	dir := t.TempDir()
	keep := []string{
		"file", "file.bad", "file..tmp", "file.12x.tmp", "file.tmp", "file.version-002", "file2.12.tmp", "other.12.tmp",
	}
	for _, name := range append([]string{"file.1.tmp", "file.1234567890.tmp"}, keep...) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "file.7.tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.RemoveRest(filepath.Join(dir, "file")); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, dir), append(keep, "file.7.tmp"); !slices.Equal(got, sorted(want)) {
		t.Errorf("there is %q, want %q", got, sorted(want))
	}
	if err := durable.RemoveRest(filepath.Join(dir, "missing", "file")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
