package ingest_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest"
	"weir/protocol"
)

// Bytes after an impossible length have no meaning, however many are read at once.
func TestUnixStreamEndsAtBadLength(t *testing.T) {
	path := socketPath(t, "stream")
	s, registry := start(t, func(o *ingest.Options) { o.UDP, o.TCP, o.Unix = nil, nil, path })
	c := dialUnix(t, "unix", path)
	const read = 64 << 10 // what one read takes
	text := packet("a:1|c") + "\xff\xff\xff\x00"
	send(t, c, text+strings.Repeat("x", read-len(text))+packet("b:1|c"))
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read behind a bad length: %v, want the end", err)
	}
	eventually(t, func() (bool, string) {
		stats := total(s)
		return stats.Connections.Active == 0, fmt.Sprintf("%+v", stats)
	})
	eventuallyTotals(t, registry, "a:1")
	stats := total(s)
	if stats.Connections.FramesBad != 1 || stats.Ledger.Outcomes[protocol.ReasonTruncated] != 1 {
		t.Errorf("stats %+v, want one bad frame, one truncated", stats)
	}
	if r := s.Rejects(); len(r) != 1 || r[0].Reason != protocol.ReasonTruncated {
		t.Errorf("rejects %+v, want that frame", r)
	}
}

// The first four bytes decide the framing, however many come with the first read.
func TestUnixStreamFirstReads(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		for first := 1; first <= 4; first++ {
			registry := aggregate.New(aggregate.DefaultOptions())
			ingest.UnixStream(registry, []byte(text[:first]), []byte(text[first:]))
			if got := fmt.Sprint(totals(registry)); got != want {
				t.Errorf("%q after a first read of %d: %s, want %s", text, first, got, want)
			}
		}
	}
	f("a:1|c\nb:1|c\n", "map[a:1 b:1]")
	f("a:1|c", "map[a:1]")
	f("\n\na:1|c\n", "map[a:1]")
	f("a\n\x00\na:1|c\n", "map[a:1]") // a NUL, but not in the fourth byte
	f(packet("a:1|c\nb:1|c"), "map[a:1 b:1]")
	f(packet("")+packet("a:1|c"), "map[a:1]")
	f(packet(strings.Repeat("\n", '\n'-5)+"a:1|c"), "map[a:1]") // the length begins like a line's end
	f(packet(strings.Repeat("\n", 'a'-5)+"a:1|c"), "map[a:1]")  // and like a name
	f("\xff\xff\xff\x00a:1|c\n", "map[]")
	f("\xff\xff\xff\xffx\na:1|c\n", "map[a:1]") // 4 GiB is no length, so this is a bad line
}

// TCP and unix connections together are as many as Options.MaxConnections says: both take descriptors.
func TestConnectionCapIsShared(t *testing.T) {
	path := socketPath(t, "stream")
	s, registry := start(t, func(o *ingest.Options) { o.Unix, o.MaxConnections = path, 2 })
	kept := dial(t, "tcp", address(t, s, "tcp"))
	send(t, kept, "a:1|c\n")
	send(t, dialUnix(t, "unix", path), "a:1|c\n")
	eventuallyTotals(t, registry, "a:2")
	for _, c := range []net.Conn{dial(t, "tcp", address(t, s, "tcp")), dialUnix(t, "unix", path)} {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a connection over the cap was not closed: %v", err)
		}
	}
	if stats := total(s); stats.Connections.Refused != 2 || stats.Connections.Active != 2 {
		t.Errorf("stats %+v, want two refused, two active", stats)
	}
	_ = kept.Close()
	eventuallyTCP(t, s, func(stats ingest.TransportStats) bool { return stats.Connections.Active == 1 })
	send(t, dialUnix(t, "unix", path), "a:1|c\n")
	eventuallyTotals(t, registry, "a:3")
}

// A path is taken as it is, and nothing else is deleted: gnet would parse it like a URL and remove what is
// there.
func TestUnixStreamPaths(t *testing.T) {
	dir := filepath.Dir(socketPath(t, "s"))
	precious := filepath.Join(dir, "app", "precious")
	if err := os.MkdirAll(precious, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/app#1", "/app?s", "/link/../app", "/app%41", "/app/./s", "/a b", "/@s", "/A",
	} {
		o := ingest.DefaultOptions()
		o.UDP, o.TCP, o.Unix = nil, nil, dir+path
		s := ingest.NewServer(o, aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
		invalid, err := o.Validate(), s.Start()
		if _, statErr := os.Stat(dir + path); err == nil && statErr != nil {
			t.Errorf("%s: listens, but not there: %v", path, statErr)
		}
		stop(t, s)
		if (invalid == nil) != (err == nil) {
			t.Errorf("%s: Validate %v, Start %v", path, invalid, err)
		}
		if _, err := os.Stat(precious); err != nil {
			t.Fatalf("%s: the directory app is gone: %v", path, err)
		}
	}
}

// Close takes the bytes that connections still hold, in either framing.
func TestUnixStreamCloseTakesWhatIsQueued(t *testing.T) {
	path := socketPath(t, "stream")
	s, registry := start(t, func(o *ingest.Options) { o.UDP, o.TCP, o.Unix = nil, nil, path })
	lines, packets := dialUnix(t, "unix", path), dialUnix(t, "unix", path)
	send(t, lines, "a:1|c\n")
	send(t, packets, packet("b:1|c"))
	eventuallyTotals(t, registry, "a:1 b:1") // the connections are accepted
	const n = 300
	for range n {
		send(t, lines, "a:1|c\n")
		send(t, packets, packet("b:1|c"))
	}
	send(t, packets, packet("b:1|c")[:7]) // half a packet
	stop(t, s)
	if got := totals(registry); got["a"] != n+1 || got["b"] != n+1 {
		t.Errorf("after close: %v, want %d of each", got, n+1)
	}
	l := ledger(s, "unix")
	balanced(t, l)
	if l.Outcomes[protocol.ReasonTruncated] != 1 {
		t.Errorf("ledger %+v, want one truncated", l)
	}
	if _, err := packets.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read after close: %v, want EOF", err)
	}
}

// When accept fails, as it does without a free descriptor, weir tries again.
func TestUnixStreamAcceptsAgain(t *testing.T) {
	path := socketPath(t, "stream")
	s, registry, log := startAt(t, "unix", path)
	if err := s.AcceptUntil(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() (bool, string) {
		text := log.String()
		return strings.Contains(text, "connections could not be accepted"), "the log has\n" + text
	})
	c := dialUnix(t, "unix", path) // it waits
	send(t, c, "a:1|c\n")
	if err := s.AcceptUntil(time.Time{}); err != nil {
		t.Fatal(err)
	}
	eventuallyTotals(t, registry, "a:1")
}
