package ingest_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest"
)

// logBuffer keeps what is logged.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// startAt starts a server with one unix socket, and returns what it logs, too.
func startAt(t *testing.T, network, path string) (*ingest.Server, *aggregate.Registry, *logBuffer) {
	t.Helper()
	o := ingest.DefaultOptions()
	o.UDP, o.TCP = nil, nil
	if network == "unixgram" {
		o.Unixgram = path
	} else {
		o.Unix = path
	}
	log := new(logBuffer)
	registry := aggregate.New(aggregate.DefaultOptions())
	s := ingest.NewServer(o, registry, zerolog.New(log))
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s, registry, log
}

func eventuallyReopened(t *testing.T, s *ingest.Server, network string, want uint64) {
	t.Helper()
	eventually(t, func() (bool, string) {
		stats := s.Stats()
		got := stats.Transport(network).Reopened
		return got == want, fmt.Sprintf("reopened %d times, want %d", got, want)
	})
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// A sender that was connected before the path was removed goes on until weir reads from another socket, and
// then gets an error: each datagram that was sent without one is counted.
func TestUnixgramPathRemoved(t *testing.T) {
	path := socketPath(t, "gram")
	s, registry, log := startAt(t, "unixgram", path)
	old := dialUnix(t, "unixgram", path)
	sent, refused := 0, make(chan error)
	go func() { // ends with the first error
		for {
			if _, err := old.Write([]byte("a:1|c")); err != nil {
				refused <- err
				return
			}
			sent++
		}
	}()
	remove(t, path)
	eventuallyReopened(t, s, "unixgram", 1)
	if err := <-refused; !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the sender got %v, want EPIPE or ECONNREFUSED", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o722 {
		t.Errorf("mode %v, %v; want 0722", info.Mode(), err)
	}
	send(t, dialUnix(t, "unixgram", path), "b:1|c")
	eventuallyTotals(t, registry, fmt.Sprintf("a:%d b:1", sent))
	if stats := total(s); len(stats.Sockets) != 1 || stats.Ledger.Datagrams != uint64(sent)+1 {
		t.Errorf("stats %+v, want one socket and %d datagrams", stats, sent+1)
	}
	if text := log.String(); strings.Count(text, "path of the socket was removed") != 1 {
		t.Errorf("the log has\n%s", text)
	}
	// Once more, with what is queued when weir ends.
	remove(t, path)
	eventuallyReopened(t, s, "unixgram", 2)
	last := dialUnix(t, "unixgram", path)
	send(t, last, "b:1|c")
	stop(t, s)
	if got := totals(registry)["b"]; got != 2 {
		t.Errorf("after close: %v of 2", got)
	}
	if _, err := last.Write([]byte("b:1|c")); err == nil {
		t.Error("after close a datagram is taken")
	}
}

// Connections stay open when the path is removed, and connections that wait to be accepted are not lost.
func TestUnixStreamPathRemoved(t *testing.T) {
	path := socketPath(t, "stream")
	s, registry, _ := startAt(t, "unix", path)
	kept := dialUnix(t, "unix", path)
	send(t, kept, "a:1|c\n")
	eventuallyTotals(t, registry, "a:1")
	for i := range 2 {
		remove(t, path)
		send(t, kept, "a:1|c\n")
		eventuallyReopened(t, s, "unix", uint64(i+1))
		send(t, kept, "a:1|c\n")
		again := dialUnix(t, "unix", path)
		send(t, again, "b:1|c\n")
		eventuallyTotals(t, registry, fmt.Sprintf("a:%d b:%d", 3+2*i, i+1))
	}
	if stats := total(s); stats.Connections.Active != 3 || stats.Connections.Opened != 3 {
		t.Errorf("stats %+v, want three connections", stats)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o722 {
		t.Errorf("mode %v, %v; want 0722", info.Mode(), err)
	}
}

// Connections that nobody has accepted yet are read when weir ends, also when their sender has gone.
func TestUnixStreamCloseTakesWaitingConnections(t *testing.T) {
	path := socketPath(t, "stream")
	s, registry, _ := startAt(t, "unix", path)
	const n = 100
	for range n {
		c := dialUnix(t, "unix", path)
		send(t, c, "a:1|c\n")
		_ = c.Close()
	}
	stop(t, s)
	if got := totals(registry)["a"]; got != n {
		t.Errorf("after close: %v of %d", got, n)
	}
}

// The socket of another process is left alone, the log says who has it, and weir opens the path when it is
// free.
func TestUnixPathTakenByAnother(t *testing.T) {
	for _, network := range []string{"unixgram", "unix"} {
		path := socketPath(t, "s")
		s, registry, log := startAt(t, network, path)
		remove(t, path)
		other := listenUnix(t, network, path)
		const complaint = "no sender finds weir"
		eventually(t, func() (bool, string) {
			text := log.String()
			return strings.Contains(text, complaint), "the log has\n" + text
		})
		holder := fmt.Sprintf("(process %d) has it", os.Getpid())
		if text := log.String(); !strings.Contains(text, holder) {
			t.Errorf("%s: the log has\n%s\nwant %q", network, text, holder)
		}
		if err := other(); err != nil { // it is still the other's, who leaves the file
			t.Errorf("%s: %v", network, err)
		}
		eventuallyReopened(t, s, network, 1)
		send(t, dialUnix(t, network, path), "a:1|c\n")
		eventuallyTotals(t, registry, "a:1")
		if text := log.String(); strings.Count(text, complaint) != 1 {
			t.Errorf("%s: the log has\n%s\nwant the complaint once", network, text)
		}

		// What is at the path when weir ends stays, too.
		remove(t, path)
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		stop(t, s)
		if content, err := os.ReadFile(path); string(content) != "precious" {
			t.Errorf("%s: the file is gone: %v", network, err)
		}
	}
}

// listenUnix listens at path as another program does. The function that it returns ends that, leaves the
// file, and fails if another socket is there.
func listenUnix(t *testing.T, network, path string) (end func() error) {
	t.Helper()
	address := &net.UnixAddr{Name: path, Net: network}
	var closeSocket func() error
	if network == "unixgram" {
		c, err := net.ListenUnixgram(network, address)
		if err != nil {
			t.Fatal(err)
		}
		closeSocket = c.Close
	} else {
		ln, err := net.ListenUnix(network, address)
		if err != nil {
			t.Fatal(err)
		}
		ln.SetUnlinkOnClose(false)
		closeSocket = ln.Close
	}
	before, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return func() error {
		now, err := os.Lstat(path)
		if err == nil && !os.SameFile(before, now) {
			err = errors.New("weir took the path")
		}
		return errors.Join(err, closeSocket())
	}
}
