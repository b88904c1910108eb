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

// watching is a fileWatch, with a reader that reads the files whenever they have changed.
type watching struct {
	fileWatch

	read fileSums
}

func newWatching(paths ...string) *watching {
	w := &watching{read: fileSums{}}
	for _, path := range paths {
		w.read[path] = 0
	}
	w.read = look(w.read)
	return w
}

// looks looks at the files so many times and returns how often they were read.
func (w *watching) looks(n int) (reads int) {
	for range n {
		if w.changed(w.read) {
			w.read = look(w.read)
			reads++
		}
	}
	return reads
}

func TestFileWatch(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write := func(path, text string) { mustDo(t, os.WriteFile(path, []byte(text), 0o600)) }
	write(a, "1")
	write(b, "1")
	w := newWatching(a, b)
	f := func(what string, want int) {
		t.Helper()
		if got := w.looks(4); got != want {
			t.Errorf("%s: read %d times, want %d", what, got, want)
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
	f("deleted and created again", 1)
	write(a, "x")
	w.looks(1)
	write(a, "new")
	f("there and back", 0)
	write(dir+"/c", "3")
	mustDo(t, os.Rename(dir+"/c", a))
	f("renamed onto it", 1)
}

// A change before the first look is seen too: between reading the configuration and watching it.
func TestFileWatchFromTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	mustDo(t, os.WriteFile(path, []byte("0"), 0o600))
	w := newWatching(path)
	mustDo(t, os.WriteFile(path, []byte("1"), 0o600))
	if got := w.looks(4); got != 1 {
		t.Errorf("read %d times, want once", got)
	}
}

// A bad file is tried once. When the good one is back it is tried too, so that the last reload is a success.
func TestFileWatchOfBadFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	mustDo(t, os.WriteFile(path, []byte("good"), 0o600))
	inForce := newWatching(path).read
	var w fileWatch
	for _, text := range []string{"bad", "good", "bad"} {
		mustDo(t, os.WriteFile(path, []byte(text), 0o600))
		tries := 0
		for range 4 {
			if w.changed(inForce) {
				tries++
			}
		}
		if tries != 1 {
			t.Errorf("%s: tried %d times, want once", text, tries)
		}
	}
}

// A file that is being written is left to become whole.
func TestFileWatchWaitsForRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	mustDo(t, os.WriteFile(path, []byte("0"), 0o600))
	w := newWatching(path)
	for i := range 5 {
		mustDo(t, os.WriteFile(path, make([]byte, i), 0o600))
		if w.looks(1) != 0 {
			t.Fatalf("write %d was not waited for", i)
		}
	}
	if got := w.looks(3); got != 1 {
		t.Errorf("read %d times after the last write, want once", got)
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
	w := newWatching(path)
	publish("..2", "two")
	mustDo(t, os.RemoveAll(filepath.Join(dir, "..1")))
	if got := w.looks(4); got != 1 {
		t.Errorf("read %d times after a swap, want once", got)
	}
	publish("..3", "two")
	if got := w.looks(4); got != 0 {
		t.Errorf("read %d times after a swap to the same content, want never", got)
	}
}
