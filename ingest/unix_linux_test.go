package ingest_test

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"weir/ingest"
)

// A sender may pass open files with a datagram (SCM_RIGHTS, unix(7)): weir must not take them, or anybody who
// may send could use up its descriptors.
func TestUnixgramTakesNoFiles(t *testing.T) {
	path := socketPath(t, "gram")
	_, registry := start(t, func(o *ingest.Options) { o.UDP, o.TCP, o.Unixgram = nil, nil, path })
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	before := openFiles(t)
	for range 5 {
		rights := unix.UnixRights(fd, fd, fd, fd, fd, fd)
		if err := unix.Sendmsg(fd, []byte("a:1|c"), rights, &unix.SockaddrUnix{Name: path}, 0); err != nil {
			t.Fatal(err)
		}
	}
	eventuallyTotals(t, registry, "a:5")
	if after := openFiles(t); after > before {
		t.Errorf("%d open files, %d before the datagrams", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}
