package dgram_test

import (
	"os"
	"testing"

	"weir/ingest/dgram"
)

// A file is lost when its path is gone or leads elsewhere, and only a file that is not lost is removed.
func TestFile(t *testing.T) {
	_, path := openUnixgram(t)
	f, err := dgram.NewFile(path)
	if err != nil {
		t.Fatal(err)
	}
	isLost := func(want bool, when string) {
		t.Helper()
		if got := f.IsLost(); got != want {
			t.Errorf("%s: IsLost() = %v, want %v", when, got, want)
		}
	}
	isLost(false, "at first")
	aside := path + ".aside"
	if err := os.Rename(path, aside); err != nil {
		t.Fatal(err)
	}
	isLost(true, "moved")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	isLost(true, "another file is there")
	f.Remove()
	if content, err := os.ReadFile(path); string(content) != "precious" {
		t.Errorf("Remove removed another file: %v", err)
	}
	if err := os.Rename(aside, path); err != nil {
		t.Fatal(err)
	}
	isLost(false, "moved back")
	f.Remove()
	if _, err := os.Lstat(path); err == nil {
		t.Error("Remove left the file")
	}
	isLost(true, "removed")
}

func TestFileOfAbstractName(t *testing.T) {
	f, err := dgram.NewFile("@weir")
	if err != nil || f.IsLost() {
		t.Errorf("NewFile(@weir): lost %v, %v; want an abstract name to be never lost", f.IsLost(), err)
	}
	f.Remove()
	if _, err := dgram.NewFile(socketPath(t)); err == nil {
		t.Error("NewFile of nothing has no error")
	}
}
