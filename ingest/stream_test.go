package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/ingest"
	"weir/protocol"
)

// However a stream is cut into reads, it means the same.
func TestStreamChunksEqualWhole(t *testing.T) {
	const maxLine = 64
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"a:1|c\n", "b:2|c\r\n", "bad\n", "\n", "\r\n", "a:1|c", strings.Repeat("x", 63) + ":1|c\n",
			strings.Repeat("y", maxLine-4) + ":1|c\n", strings.Repeat("y", maxLine-4) + ":1|c\r\n",
			strings.Repeat("z", 200), "a:1:2|ms\n",
		})).Draw(t, "text"), ""))
		var chunks [][]byte
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "chunk")
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		whole, cut := aggregate.New(aggregate.DefaultOptions()), aggregate.New(aggregate.DefaultOptions())
		want, got := ingest.Stream(whole, maxLine, text), ingest.Stream(cut, maxLine, chunks...)
		if got != want {
			t.Fatalf("ledger of chunks %q\n%+v, of the whole\n%+v", chunks, got, want)
		}
		if got, want := fmt.Sprint(totals(cut)), fmt.Sprint(totals(whole)); got != want {
			t.Fatalf("totals of chunks %q: %s, of the whole %s", chunks, got, want)
		}
	})
}

func TestStreamLineLength(t *testing.T) {
	f := func(text string, lines, tooLong uint64) {
		t.Helper()
		for size := 1; size <= len(text); size++ {
			var chunks [][]byte
			for rest := []byte(text); len(rest) > 0; rest = rest[min(size, len(rest)):] {
				chunks = append(chunks, rest[:min(size, len(rest))])
			}
			l := ingest.Stream(aggregate.New(aggregate.DefaultOptions()), 64, chunks...)
			if l.Lines != lines || l.Outcomes[protocol.ReasonLineTooLong] != tooLong {
				t.Errorf("in chunks of %d: %d lines, %d too long; want %d and %d", size, l.Lines,
					l.Outcomes[protocol.ReasonLineTooLong], lines, tooLong)
			}
		}
	}
	just := strings.Repeat("x", 60) + ":1|c"
	f(just+"\n"+just+"\r\n", 2, 0)
	f("y"+just+"\na:1|c\n", 2, 1)
	f("a:1|c\n"+just+just+just+just+"\na:1|c", 3, 1)
	f(just+just, 1, 1)
}

func eventuallyTCP(t *testing.T, s *ingest.Server, want func(stats ingest.TransportStats) bool) {
	t.Helper()
	eventually(t, func() (bool, string) {
		stats := total(s)
		return want(stats), fmt.Sprintf("%+v", stats)
	})
}

func TestTCP(t *testing.T) {
	s, registry := start(t, nil)
	c := dial(t, "tcp", address(t, s, "tcp"))
	for _, part := range []string{"a:1|", "c\nb:", "2|c\na:", "3|c"} {
		send(t, c, part)
	}
	_ = c.Close() // the last line has no newline
	eventuallyTotals(t, registry, "a:4 b:2")
	eventuallyTCP(t, s, func(stats ingest.TransportStats) bool { return stats.Connections.Active == 0 })
	if stats := total(s); stats.Connections.Opened != 1 || stats.Ledger.Lines != 3 {
		t.Errorf("stats = %+v, want one connection and 3 lines", stats)
	}
}

func TestTCPLongLineKeepsConnection(t *testing.T) {
	s, registry := start(t, nil)
	c := dial(t, "tcp", address(t, s, "tcp"))
	send(t, c, "a:1|c\n"+strings.Repeat("x", 300_000)+":1|c\na:1|c\n")
	eventuallyTotals(t, registry, "a:2")
	if got := ledger(s, "tcp").Outcomes[protocol.ReasonLineTooLong]; got != 1 {
		t.Errorf("%d lines too long, want 1", got)
	}
}

// Bytes of a line without its newline are seen, until the newline or the end of the connection comes.
func TestTCPUnfinished(t *testing.T) {
	s, registry := start(t, nil)
	unfinished := func(want int64) {
		t.Helper()
		eventually(t, func() (bool, string) {
			stats := s.Stats()
			got := stats.Total().Connections.UnfinishedBytes
			return got == want, fmt.Sprintf("%d bytes are unfinished, want %d", got, want)
		})
	}
	unfinished(0)
	first, second := dial(t, "tcp", address(t, s, "tcp")), dial(t, "tcp", address(t, s, "tcp"))
	send(t, first, "a:1|c\nb:1|c")
	unfinished(5)
	send(t, second, "longer")
	unfinished(11)
	send(t, first, "\n")
	unfinished(6)
	send(t, second, strings.Repeat("x", 10_000)) // too long: the rest of it is skipped
	unfinished(0)
	send(t, first, "c:1|c")
	unfinished(5)
	first.Close()
	unfinished(0)
	eventuallyTotals(t, registry, "a:1 b:1 c:1")
}

func TestTCPConnectionCap(t *testing.T) {
	s, registry := start(t, func(o *ingest.Options) { o.MaxConnections = 2 })
	kept := []net.Conn{dial(t, "tcp", address(t, s, "tcp")), dial(t, "tcp", address(t, s, "tcp"))}
	for _, c := range kept {
		send(t, c, "a:1|c\n")
	}
	eventuallyTotals(t, registry, "a:2")
	refused := dial(t, "tcp", address(t, s, "tcp"))
	_ = refused.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := refused.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a connection over the cap was not closed: %v", err)
	}
	if stats := total(s); stats.Connections.Refused != 1 || stats.Connections.Active != 2 {
		t.Errorf("stats = %+v, want one refused, two active", stats)
	}
	_ = kept[0].Close()
	eventuallyTCP(t, s, func(stats ingest.TransportStats) bool { return stats.Connections.Active == 1 })
	send(t, dial(t, "tcp", address(t, s, "tcp")), "a:1|c\n")
	eventuallyTotals(t, registry, "a:3")
}

func TestTCPIdleTimeout(t *testing.T) {
	s, registry := start(t, func(o *ingest.Options) { o.IdleTimeout = 20 * time.Second })
	c := dial(t, "tcp", address(t, s, "tcp"))
	send(t, c, "a:1|c\na:1|c") // the second lacks its newline: it counts when the connection ends
	eventuallyTotals(t, registry, "a:1")
	s.Idle(10)
	if stats := total(s); stats.Connections.IdleClosed != 0 {
		t.Fatalf("closed a connection that was not idle for long: %+v", stats)
	}
	s.Idle(40)
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read from an idle connection: %v, want EOF", err)
	}
	eventuallyTotals(t, registry, "a:2")
	if stats := total(s); stats.Connections.IdleClosed != 1 || stats.Connections.Active != 0 {
		t.Errorf("stats = %+v, want one idle closed, none active", stats)
	}
}

// gnet gives up when accept fails; weir starts it again.
func TestTCPListenerComesBack(t *testing.T) {
	s, registry := start(t, nil)
	send(t, dial(t, "tcp", address(t, s, "tcp")), "a:1|c\n")
	eventuallyTotals(t, registry, "a:1")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.EndTCP(ctx); err != nil {
		t.Fatal(err)
	}
	var c net.Conn
	eventually(t, func() (bool, string) {
		var err error
		c, err = net.Dial("tcp", address(t, s, "tcp").String())
		return err == nil, fmt.Sprint(err)
	})
	defer c.Close()
	send(t, c, "a:1|c\n")
	eventuallyTotals(t, registry, "a:2")
}

// The last line of a connection that was reset may be a part of one: it is rejected. Lines before it count.
func TestTCPReset(t *testing.T) {
	s, registry := start(t, nil)
	c := dial(t, "tcp", address(t, s, "tcp"))
	send(t, c, "a:1|c\nb:1|c|#env:p")
	eventually(t, func() (bool, string) {
		stats := total(s)
		return stats.Connections.UnfinishedBytes > 0, fmt.Sprintf("%+v", stats)
	})
	if err := c.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	eventuallyTCP(t, s, func(stats ingest.TransportStats) bool { return stats.Connections.Active == 0 })
	eventuallyTotals(t, registry, "a:1")
	if l := ledger(s, "tcp"); l.Outcomes[protocol.ReasonTruncated] != 1 || l.Samples != 2 {
		t.Errorf("ledger %+v, want one truncated of two samples", l)
	}
}
