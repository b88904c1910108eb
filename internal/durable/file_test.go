package durable_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"weir/internal/durable"
)

var format = durable.Format{Magic: "test file ", Version: 7}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func mustWrite(t *testing.T, f durable.Format, path, content string) {
	t.Helper()
	size, err := f.Write(path, text(content))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != size {
		t.Fatalf("%d bytes written, %v, %v", size, info, err)
	}
}

// read returns the payload and the version.
func read(f durable.Format, path string) (content string, version int, err error) {
	err = f.Read(path, func(v int, payload io.Reader) error {
		b, err := io.ReadAll(payload)
		content, version = string(b), v
		return err
	})
	return content, version, err
}

// names returns what is in a directory.
func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// What is read is what was written, whatever was there before, and nothing else is left.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	rapid.Check(t, func(t *rapid.T) {
		want, format := rapid.String().Draw(t, "payload"), format
		format.NoSync = rapid.Bool().Draw(t, "not synced")
		if _, err := format.Write(path, text(want)); err != nil {
			t.Fatal(err)
		}
		if got, version, err := read(format, path); got != want || version != 7 || err != nil {
			t.Fatalf("read %q, version %d, %v, want %q, 7", got, version, err, want)
		}
	})
	if got := names(t, dir); !slices.Equal(got, []string{"file"}) {
		t.Errorf("%q is left", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, want a file for its owner only", info, err)
	}
}

// Files of earlier versions are read, and say so.
func TestEarlierVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, durable.Format{Magic: format.Magic, Version: 3}, path, "old")
	if got, version, err := read(format, path); got != "old" || version != 3 || err != nil {
		t.Errorf("read %q, version %d, %v, want old, 3", got, version, err)
	}
}

func TestNewerVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, durable.Format{Magic: format.Magic, Version: 12}, path, "new")
	_, _, err := read(format, path)
	var newer *durable.NewerError
	if !errors.As(err, &newer) || *newer != (durable.NewerError{Version: 12, Known: 7}) {
		t.Fatalf("%v, want a NewerError of version 12", err)
	}
	if want := "its version is 012, the newest known is 007"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

// A file that is cut anywhere, or has one wrong bit, is not read.
func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, format, path, "some payload")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var newer *durable.NewerError
		if got, _, err := read(format, path); got != "" || !errors.Is(err, durable.ErrDamaged) && !errors.As(err, &newer) {
			t.Errorf("%s: read %q, %v, want ErrDamaged", what, got, err)
		}
	}
	for n := range good {
		f(fmt.Sprintf("the first %d bytes", n), good[:n])
	}
	for i := range good {
		for bit := range 8 {
			damaged := slices.Clone(good)
			damaged[i] ^= 1 << bit
			f(fmt.Sprintf("bit %d of byte %d", bit, i), damaged)
		}
	}
	f("more behind it", append(slices.Clone(good), 0))
	f("foreign", []byte(strings.Repeat("something else\n", 10)))
	for _, version := range []string{"0a1", "-07", "07.", " 07"} {
		content := []byte(strings.Replace(string(good), "007", version, 1))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := read(format, path); !errors.Is(err, durable.ErrDamaged) || !strings.Contains(err.Error(), "a version") {
			t.Errorf("the version %q: %v, want ErrDamaged that says so", version, err)
		}
	}
	f("version 000", []byte(strings.Replace(string(good), "007", "000", 1)))
}

// An error while the payload is written leaves the file as it was, and nothing beside it.
func TestFailedWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	mustWrite(t, format, path, "before")
	failure := errors.New("no more")
	if _, err := format.Write(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, strings.Repeat("x", 200<<10)); err != nil {
			return err
		}
		return failure
	}); !errors.Is(err, failure) {
		t.Errorf("%v, want %v", err, failure)
	}
	if got, _, err := read(format, path); got != "before" || err != nil {
		t.Errorf("read %q, %v, want what was there before", got, err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"file"}) {
		t.Errorf("%q is left", got)
	}
}

// A full disk is an error, also when it shows only at the end.
func TestFullDisk(t *testing.T) {
	for _, size := range []int{0, 10, 200 << 10} {
		file, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		if _, err := format.Fill(file, text(strings.Repeat("x", size))); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d bytes: %v, want ENOSPC", size, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := read(format, filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, pipe, os.DevNull} {
		if _, _, err := read(format, path); err == nil || errors.Is(err, durable.ErrDamaged) {
			t.Errorf("%s: %v, want an error that it is no regular file", path, err)
		}
	}
	if _, err := format.Write(filepath.Join(dir, "missing", "file"), text("")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
}

// Links stay; what they lead to is replaced, or made.
func TestLinksStay(t *testing.T) {
	dir := t.TempDir()
	link, second := filepath.Join(dir, "link"), filepath.Join(dir, "second")
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{link: second, second: filepath.Join("data", "file")} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	for _, content := range []string{"first", "second"} {
		mustWrite(t, format, link, content)
		if got, _, err := read(format, filepath.Join(dir, "data", "file")); got != content || err != nil {
			t.Errorf("read %q, %v, want %q where the links lead", got, err, content)
		}
	}
	aside, err := durable.SetAside(link, durable.ErrDamaged)
	if want := filepath.Join(dir, "data", "file.bad"); err != nil || aside != want {
		t.Errorf("set aside as %q, %v, want %q", aside, err, want)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"data", "link", "second"}) {
		t.Errorf("there is %q, want the links", got)
	}
}
