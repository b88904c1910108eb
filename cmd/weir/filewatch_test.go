package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func mustDo(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// looks looks at the files so many times and returns how often they were said to have changed.
func looks(w *fileWatch, n int, paths ...string) (changes int) {
	for range n {
		if w.changed(paths) {
			changes++
		}
	}
	return changes
}

func TestFileWatch(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write := func(path, text string) { mustDo(t, os.WriteFile(path, []byte(text), 0o600)) }
	write(a, "1")
	write(b, "1")
	w := newFileWatch([]string{a, b})
	f := func(what string, want int) {
		t.Helper()
		if got := looks(w, 4, a, b); got != want {
			t.Errorf("%s: %d changes, want %d", what, got, want)
		}
	}
	f("nothing", 0)
	write(b, "2")
	f("another content of the same size", 1)
	mustDo(t, os.Chtimes(a, time.Time{}, time.Now().Add(time.Hour)))
	f("a touch", 0)
	mustDo(t, os.Remove(a))
	f("a file away", 0)
	write(a, "1")
	f("the same file again", 0)
	mustDo(t, os.Remove(a))
	write(a, "new")
	f("deleted and made anew", 1)
	write(a, "x")
	looks(w, 1, a, b)
	write(a, "new")
	f("there and back", 0)
	write(dir+"/c", "3")
	mustDo(t, os.Rename(dir+"/c", a))
	f("renamed onto it", 1)
}

// A file that is being written is left to become whole.
func TestFileWatchWaitsForRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	mustDo(t, os.WriteFile(path, []byte("0"), 0o600))
	w := newFileWatch([]string{path})
	for i := range 5 {
		mustDo(t, os.WriteFile(path, make([]byte, i), 0o600))
		if looks(w, 1, path) != 0 {
			t.Fatalf("write %d was not waited for", i)
		}
	}
	if got := looks(w, 3, path); got != 1 {
		t.Errorf("%d changes after the last write, want 1", got)
	}
}

// The files of a ConfigMap are links into ..data, itself a link that the kubelet swaps:
// https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter.
func TestFileWatchSeesConfigMaps(t *testing.T) {
	dir := t.TempDir()
	publish := func(version, text string) {
		t.Helper()
		mustDo(t, os.Mkdir(filepath.Join(dir, version), 0o700),
			os.WriteFile(filepath.Join(dir, version, "weir.yaml"), []byte(text), 0o600),
			os.Symlink(version, filepath.Join(dir, "..data_tmp")),
			os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	}
	publish("..1", "one")
	path := filepath.Join(dir, "weir.yaml")
	mustDo(t, os.Symlink("..data/weir.yaml", path))
	w := newFileWatch([]string{path})
	publish("..2", "two")
	mustDo(t, os.RemoveAll(filepath.Join(dir, "..1")))
	if got := looks(w, 4, path); got != 1 {
		t.Errorf("%d changes after a swap, want 1", got)
	}
	publish("..3", "two")
	if got := looks(w, 4, path); got != 0 {
		t.Errorf("%d changes after a swap to the same content, want none", got)
	}
}

// Other files are those that a reload has just read.
func TestFileWatchOfOtherFiles(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	mustDo(t, os.WriteFile(a, nil, 0o600), os.WriteFile(b, nil, 0o600))
	w := newFileWatch([]string{a})
	if got := looks(w, 3, a, b); got != 0 {
		t.Errorf("%d changes, want none", got)
	}
	mustDo(t, os.WriteFile(b, []byte("1"), 0o600))
	if got := looks(w, 3, a, b); got != 1 {
		t.Errorf("%d changes, want 1", got)
	}
}
