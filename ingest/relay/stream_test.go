package relay_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/ingest/relay"
)

// fakeStream is a server over TCP that keeps the lines it receives.
type fakeStream struct {
	listener net.Listener
	done     sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn // guarded by mu
	got   []string   // guarded by mu; whole lines
	parts []string   // guarded by mu; what connections ended with
}

func newFakeStream(t *testing.T, address string, config *tls.Config) *fakeStream {
	t.Helper()
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	s := &fakeStream{listener: listener}
	s.done.Go(s.accept) // ends when the listener is closed
	t.Cleanup(s.close)
	return s
}

func (s *fakeStream) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns = append(s.conns, conn)
		s.mu.Unlock()
		s.done.Go(func() { s.read(conn) })
	}
}

func (s *fakeStream) read(conn net.Conn) {
	for b := bufio.NewReader(conn); ; {
		line, err := b.ReadString('\n')
		s.mu.Lock()
		if err == nil && line != "\n" {
			s.got = append(s.got, strings.TrimSuffix(line, "\n"))
		} else if err != nil {
			s.parts = append(s.parts, line)
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

// hangUp closes the connections.
func (s *fakeStream) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		conn.Close()
	}
	s.conns = nil
}

func (s *fakeStream) close() {
	s.listener.Close()
	s.hangUp()
	s.done.Wait()
}

func (s *fakeStream) address() string { return s.listener.Addr().String() }

// lines returns the lines that came, in their order.
func (s *fakeStream) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// Every line comes once and in order, however long it is.
func TestStreamSends(t *testing.T) {
	sink := newFakeStream(t, "127.0.0.1:0", nil)
	r := startRelay(t, relay.Settings{DatagramBytes: 64}, "tcp://"+sink.address())
	buffer := r.NewBuffer()
	var want []string
	for i := range 2000 {
		want = append(want, fmt.Sprintf("metric%d:%s|c", i, strings.Repeat("1", i%100)))
	}
	want = append(want, strings.Repeat("l", 65506), "last:1|c")
	for i, line := range want {
		buffer.Line([]byte(line))
		if i%100 == 0 {
			buffer.Flush()
			until(t, "an empty queue", func() bool { return r.Stats()[0].LinesWaiting == 0 })
		}
	}
	buffer.Flush()
	closeRelay(r)
	until(t, "all lines", func() bool { return len(sink.lines()) >= len(want) })
	if got := sink.lines(); !slices.Equal(got, want) {
		t.Errorf("%d lines came, want %d, the same in the same order", len(got), len(want))
	}
	wantStats := relay.Stats{Target: "tcp://" + sink.address(), LinesSent: uint64(len(want)), Connects: 1}
	if got := r.Stats()[0]; got != wantStats {
		t.Errorf("stats = %+v, want %+v", got, wantStats)
	}
}

// A server that is away keeps lines waiting, as far as the queue goes; when it comes back it gets them. A
// connection that the server closes while nothing is sent costs no line.
func TestStreamServerComesBack(t *testing.T) {
	sink := newFakeStream(t, "127.0.0.1:0", nil)
	address := sink.address()
	r := startRelay(t, relay.Settings{RetryAfter: time.Millisecond}, "tcp://"+address)
	buffer, sent := r.NewBuffer(), 0
	send := func() {
		buffer.Line(fmt.Appendf(nil, "line%d:1|c", sent))
		buffer.Flush()
		sent++
	}
	send()
	until(t, "the first line", func() bool { return len(sink.lines()) == 1 })
	sink.close()
	until(t, "an error", func() bool { return r.Stats()[0].Errors > 0 })
	for range 100 {
		send()
	}
	if got := r.Stats()[0].LinesWaiting; got != 100 {
		t.Errorf("%d lines wait while the server is away, want 100", got)
	}
	back := newFakeStream(t, address, nil)
	until(t, "the waiting lines", func() bool { return len(back.lines()) == 100 })
	back.hangUp()
	until(t, "another connection", func() bool { return r.Stats()[0].Connects >= 3 })
	send()
	until(t, "the last line", func() bool { return len(back.lines()) == 101 })
	if got := r.Stats()[0]; got.LinesSent != uint64(sent) || got.LinesDropped() != 0 {
		t.Errorf("stats = %+v, want %d lines sent", got, sent)
	}
}

// A connection that ends in the middle of a line loses no line after it, repeats none, and leaves no line that
// the server could take for a whole one.
func TestStreamCutInLine(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	r := startRelay(t, relay.Settings{RetryAfter: time.Millisecond, WriteTimeout: 50 * time.Millisecond},
		"tcp://"+listener.Addr().String())
	buffer, sent := r.NewBuffer(), 0
	first, err := listener.Accept() // which reads nothing
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	first.(*net.TCPConn).SetReadBuffer(4096)
	until(t, "a write that times out", func() bool {
		for range 100 {
			buffer.Line(fmt.Appendf(nil, "line%06d:%s|c", sent, strings.Repeat("1", sent%1000)))
			sent++
		}
		buffer.Flush()
		return r.Stats()[0].Errors > 0
	})
	second, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	rest := make(chan string)
	go func() { // ends when the relay closes the connection
		text, _ := io.ReadAll(second)
		rest <- string(text)
	}()
	closeRelay(r)
	text, _ := io.ReadAll(first) // until the reset
	came := strings.SplitAfter(string(text), "\n")
	part := came[len(came)-1]
	again := strings.SplitAfter(<-rest, "\n")
	stats := r.Stats()[0]
	dropped := int(stats.LinesDropped())
	next := fmt.Sprintf("line%06d:", stats.LinesSent-uint64(len(again)-1))
	if !strings.HasPrefix(again[0], next) || !strings.HasPrefix(again[0], part) && len(text) > 0 && part != "" {
		t.Errorf("the second connection begins with %.20q; %s is not sent yet, and %.20q was begun", again[0], next, part)
	}
	if int(stats.LinesSent)+dropped != sent || stats.LinesWaiting != 0 {
		t.Errorf("sent and dropped are not %d lines: %+v", sent, stats)
	}
}

// A target with tls:// is sent lines only when its certificate has the name and is signed as configured.
func TestStreamTLS(t *testing.T) {
	folder := t.TempDir()
	ca, config := newCertificate(t, folder, "statsd.example")
	other, _ := newCertificate(t, filepath.Join(folder, "other"), "statsd.example")
	f := func(settings relay.TLS, want bool) {
		t.Helper()
		sink := newFakeStream(t, "127.0.0.1:0", config)
		r := startRelay(t, relay.Settings{TLS: settings, RetryAfter: time.Millisecond}, "tls://"+sink.address())
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		buffer := r.NewBuffer()
		buffer.Line([]byte("a:1|c"))
		buffer.Flush()
		if want {
			until(t, "the line", func() bool { return len(sink.lines()) == 1 })
		} else {
			until(t, "errors", func() bool { return r.Stats()[0].Errors > 2 })
			if got := sink.lines(); len(got) > 0 {
				t.Errorf("%+v: the server got %q", settings, got)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // the line cannot be sent
			r.Close(ctx)
		}
	}
	f(relay.TLS{CAFile: ca, ServerName: "statsd.example"}, true)
	f(relay.TLS{CAFile: ca, ServerName: "other.example"}, false)
	f(relay.TLS{CAFile: ca}, false) // 127.0.0.1 is not its name
	f(relay.TLS{CAFile: other, ServerName: "statsd.example"}, false)
	f(relay.TLS{ServerName: "statsd.example"}, false)

	for _, bad := range []relay.TLS{
		{CAFile: filepath.Join(folder, "none.pem")},
		{CAFile: filepath.Join(folder, "key.pem")},
		{CertFile: ca, KeyFile: ca},
	} {
		if err := relay.NewTest(relay.Settings{TLS: bad}, "tls://127.0.0.1:1").Check(); err == nil {
			t.Errorf("%+v has no mistake", bad)
		}
		if err := relay.NewTest(relay.Settings{TLS: bad}, "tcp://127.0.0.1:1").Check(); err != nil {
			t.Errorf("%+v matters without a target that uses it: %v", bad, err)
		}
	}
}
