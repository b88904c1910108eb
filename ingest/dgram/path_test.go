package dgram_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"weir/ingest/dgram"
)

// A stale socket is removed; anything else stays, and is an error that does not repeat the path.
func TestClearPath(t *testing.T) {
	f := func(path string, want error) {
		t.Helper()
		err := dgram.ClearPath("unixgram", path)
		if !errors.Is(err, want) || err != nil && strings.Contains(err.Error(), path) {
			t.Errorf("ClearPath(%q) = %v, want %v", path, err, want)
		}
		if _, statErr := os.Lstat(path); (want == nil) != errors.Is(statErr, os.ErrNotExist) {
			t.Errorf("ClearPath(%q): after %v, stat says %v", path, err, statErr)
		}
	}
	f(socketPath(t), nil) // nothing is there

	stale := socketPath(t)
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: stale, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	c.Close() // unlike a listener it does not remove its file
	f(stale, nil)

	_, live := openUnixgram(t)
	f(live, syscall.EADDRINUSE)

	file := socketPath(t)
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	f(file, dgram.ErrNotSocket)
	f(filepath.Dir(file), dgram.ErrNotSocket)
	link := filepath.Join(filepath.Dir(live), "link")
	if err := os.Symlink(live, link); err != nil {
		t.Fatal(err)
	}
	f(link, dgram.ErrNotSocket) // a link is not followed

	if err := dgram.ClearPath("unixgram", filepath.Join(file, "below")); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("below a file: %v, want ENOTDIR", err)
	}
	if err := dgram.ClearPath("unix", live); err == nil || !strings.Contains(err.Error(), "wrong type") {
		t.Errorf("a live socket of another network: %v", err)
	}
}

func TestSetMode(t *testing.T) {
	_, path := openUnixgram(t)
	if err := dgram.SetMode(path, "0620"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o620 {
		t.Errorf("mode %v, %v; want 0620", info.Mode(), err)
	}
	if err := dgram.SetMode("@abstract", "0620"); err != nil {
		t.Errorf("an abstract name has no mode, but: %v", err)
	}
	missing := socketPath(t)
	if err := dgram.SetMode(missing, "0620"); !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), missing) {
		t.Errorf("of nothing: %v, want ErrNotExist without the path", err)
	}
}

func TestParseMode(t *testing.T) {
	f := func(mode string, want os.FileMode, wantOK bool) {
		t.Helper()
		got, ok := dgram.ParseMode(mode)
		if ok != wantOK || ok && got != want {
			t.Errorf("ParseMode(%q) = %o, %v; want %o, %v", mode, got, ok, want, wantOK)
		}
	}
	f("0722", 0o722, true)
	f("777", 0o777, true)
	f("0", 0, true)
	f("", 0, false)
	f("0782", 0, false)
	f("1777", 0, false)
	f("-1", 0, false)
	f("u+w", 0, false)
}

func TestIsAbstract(t *testing.T) {
	for path, want := range map[string]bool{"@weir": true, "@": true, "/run/@weir": false, "": false} {
		if got := dgram.IsAbstract(path); got != want {
			t.Errorf("IsAbstract(%q) = %v, want %v", path, got, want)
		}
	}
}
