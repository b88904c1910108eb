package ingest_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/ingest"
	"weir/protocol"
)

// socketPath returns a path short enough for a unix socket.
func socketPath(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "weir")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, name)
}

func dialUnix(t *testing.T, network, path string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestUnixgram(t *testing.T) {
	path := socketPath(t, "gram")
	s, registry := start(t, func(o *ingest.Options) {
		o.UDP, o.TCP, o.Unixgram, o.UnixMode = nil, nil, path, "0620"
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o620 {
		t.Errorf("mode %v, %v; want 0620", info.Mode(), err)
	}
	c := dialUnix(t, "unixgram", path)
	const datagrams = 500
	for range datagrams { // a full queue makes a sender wait
		send(t, c, "a:1|c\nb:1|c")
	}
	send(t, c, "bad")
	eventuallyTotals(t, registry, fmt.Sprintf("a:%d b:%d", datagrams, datagrams))
	eventually(t, func() (bool, string) {
		rejects := s.Rejects()
		return len(rejects) == 1, fmt.Sprintf("rejects %+v", rejects)
	})
	want := fmt.Sprintf("pid %d", os.Getpid())
	if r := s.Rejects()[0]; r.Listener != "unixgram://"+path || runtime.GOOS == "linux" && r.Sender != want {
		t.Errorf("reject %+v, want it from %s", r, want)
	}
	stats := total(s)
	balanced(t, stats.Ledger)
	if stats.Ledger.Datagrams != datagrams+1 || len(stats.Sockets) != 1 {
		t.Errorf("stats %+v", stats)
	}
}

func TestUnixgramTruncated(t *testing.T) {
	path := socketPath(t, "gram")
	s, registry := start(t, func(o *ingest.Options) { o.Unixgram, o.MaxDatagram = path, 64 })
	c := dialUnix(t, "unixgram", path)
	send(t, c, "whole:1|c\n"+strings.Repeat("x", 100)+":1|c")
	eventuallyTotals(t, registry, "whole:1")
	if l := ledger(s, "unixgram"); l.DatagramsTruncated != 1 || l.Outcomes[protocol.ReasonTruncated] != 1 {
		t.Errorf("ledger %+v, want one truncated", l)
	}
}

func TestUnixgramCloseTakesWhatIsQueued(t *testing.T) {
	path := socketPath(t, "gram")
	s, registry := start(t, func(o *ingest.Options) { o.Unixgram = path })
	c := dialUnix(t, "unixgram", path)
	for range 5 {
		send(t, c, "a:1|c")
	}
	stop(t, s)
	if got := totals(registry)["a"]; got != 5 {
		t.Errorf("after close: %v of 5", got)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestUnixAbstractNames(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has abstract names")
	}
	name := fmt.Sprintf("@weir-test-%d", os.Getpid())
	gram, stream := name+"-gram", name+"-stream"
	s, registry := start(t, func(o *ingest.Options) { o.Unixgram, o.Unix = gram, stream })
	send(t, dialUnix(t, "unixgram", gram), "a:1|c")
	send(t, dialUnix(t, "unix", stream), "b:1|c\n")
	eventuallyTotals(t, registry, "a:1 b:1")
	stop(t, s)
	if _, err := net.Dial("unix", stream); err == nil {
		t.Error("the abstract name is still listened on")
	}

	// gnet deletes a file that happens to have such a name.
	t.Chdir(t.TempDir())
	if err := os.Mkdir(stream, 0o700); err != nil {
		t.Fatal(err)
	}
	o := ingest.DefaultOptions()
	o.UDP, o.TCP, o.Unix = nil, nil, stream
	refused := ingest.NewServer(o, aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
	if err := refused.Start(); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("with a directory of that name: %v", err)
	}
	stop(t, refused)
	if _, err := os.Stat(stream); err != nil {
		t.Errorf("the directory is gone: %v", err)
	}
}

// The socket of a killed process is removed; a live socket, a file or a directory is not touched.
func TestUnixPaths(t *testing.T) {
	for _, network := range []string{"unixgram", "unix"} {
		options := func(path string) ingest.Options {
			o := ingest.DefaultOptions()
			o.UDP, o.TCP, o.Unixgram = nil, nil, path
			if network == "unix" {
				o.Unixgram, o.Unix = "", path
			}
			return o
		}
		try := func(path string) error {
			s := ingest.NewServer(options(path), aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
			err := s.Start()
			stop(t, s)
			return err
		}
		refused := func(path, why string) {
			t.Helper()
			err := try(path)
			if err == nil || !strings.Contains(err.Error(), why) || strings.Count(err.Error(), path) != 1 {
				t.Errorf("%s on %s: %v, want %q", network, path, err, why)
			}
		}
		path := socketPath(t, "s")
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(path, "no socket")
		if content, err := os.ReadFile(path); string(content) != "precious" {
			t.Errorf("%s: the file is gone: %v", network, err)
		}
		refused(filepath.Dir(path), "no socket")

		live := socketPath(t, "s")
		_ = start1(t, options(live))
		refused(live, "in use")

		stale := socketPath(t, "s")
		leaveStale(t, network, stale)
		if err := try(stale); err != nil {
			t.Errorf("%s on a stale socket: %v", network, err)
		}
		refused(socketPath(t, "missing/s"), "no such file")
	}
}

func start1(t *testing.T, o ingest.Options) *ingest.Server {
	t.Helper()
	s, _ := start(t, func(all *ingest.Options) { *all = o })
	return s
}

// leaveStale leaves a socket that nobody listens on.
func leaveStale(t *testing.T, network, path string) {
	t.Helper()
	if network == "unixgram" {
		c, err := net.ListenUnixgram(network, &net.UnixAddr{Name: path, Net: network})
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close() // unlike a listener it does not remove its file
		return
	}
	ln, err := net.ListenUnix(network, &net.UnixAddr{Name: path, Net: network})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	_ = ln.Close()
}

func packet(lines string) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(lines)))) + lines
}

func TestUnixStream(t *testing.T) {
	path := socketPath(t, "stream")
	s, registry := start(t, func(o *ingest.Options) { o.UDP, o.TCP, o.Unix = nil, nil, path })
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o722 {
		t.Errorf("mode %v, %v; want 0722", info.Mode(), err)
	}
	lines := dialUnix(t, "unix", path)
	for _, part := range []string{"a", ":1|", "c\na:1|c\r\n", "a:1|c"} {
		send(t, lines, part)
	}
	_ = lines.Close()
	packets := dialUnix(t, "unix", path)
	whole := packet("a:1|c\nb:1|c\n") + packet("") + packet("b:1|c")
	for i := range len(whole) {
		send(t, packets, whole[i:i+1])
	}
	eventuallyTotals(t, registry, "a:4 b:2")
	balanced(t, ledger(s, "unix"))
	if l := ledger(s, "unix"); l.Lines != 6 {
		t.Errorf("%d lines, want 6", l.Lines)
	}

	// A length that cannot be is the end of the connection, and counted.
	bad := dialUnix(t, "unix", path)
	send(t, bad, packet("a:1|c")+"\xff\xff\xff\x00")
	_ = bad.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := bad.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read behind a bad length: %v, want EOF", err)
	}
	if got := total(s).Connections.FramesBad; got != 1 {
		t.Errorf("%d bad frames, want 1", got)
	}
	eventuallyTotals(t, registry, "a:5 b:2")
	stop(t, s)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

// However packets are cut into reads, they mean the same. So does a stream of lines whose framing is not
// known.
func TestUnixStreamChunksEqualWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{
			"a:1|c\n", "b:2|c\r\n", "bad\n", "a:1|c", strings.Repeat("z", 90) + "\n",
		}), 1, 20).Draw(t, "lines")
		text := strings.Join(lines, "")
		if rapid.Bool().Draw(t, "packets") {
			text = ""
			for _, line := range lines {
				text += packet(line)
			}
			if rapid.Bool().Draw(t, "broken") {
				text += "\xff\xff\x00\x00more"
			}
		}
		whole, cut := aggregate.New(aggregate.DefaultOptions()), aggregate.New(aggregate.DefaultOptions())
		var chunks [][]byte
		for rest := []byte(text); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "chunk")
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		want, got := ingest.UnixStream(whole, []byte(text)), ingest.UnixStream(cut, chunks...)
		want.Bytes, got.Bytes = 0, 0 // what follows a bad length is read or not
		if got != want {
			t.Fatalf("ledger of chunks %q\n%+v, of the whole\n%+v", chunks, got, want)
		}
		if got, want := fmt.Sprint(totals(cut)), fmt.Sprint(totals(whole)); got != want {
			t.Fatalf("totals of chunks %q: %s, of the whole %s", chunks, got, want)
		}
	})
}
