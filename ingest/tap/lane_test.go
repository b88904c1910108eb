package tap_test

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/ingest/tap"
	"weir/protocol"
)

func TestPeer(t *testing.T) {
	f := func(p tap.Peer, want, sender string) {
		t.Helper()
		if p.String() != want || p.Sender().String() != sender {
			t.Errorf("%#v is %q, a sender %q; want %q, %q", p, p, p.Sender(), want, sender)
		}
	}
	f(tap.Peer{}, "", "")
	f(host("10.0.0.1:4000"), "10.0.0.1:4000", "10.0.0.1")
	f(host("[::ffff:10.0.0.1]:4000"), "10.0.0.1:4000", "10.0.0.1")
	f(host("[2001:db8::1]:9"), "[2001:db8::1]:9", "2001:db8::1")
	f(tap.Peer{PID: 4711}, "pid 4711", "pid 4711")
}

// Counts by sender are exact from the first poll on; loops of one transport are added.
func TestSendersAreExact(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		one, two, stream := f.newLoop("udp"), f.newLoop("udp"), f.newLoop("tcp")
		one.take(host("10.0.0.1:1"), "before:1|c")
		f.Senders() // somebody looks
		for range 10 {
			one.take(host("10.0.0.1:1"), "a:1|c\nb:1:2|ms\nbad\n")
			two.take(host("10.0.0.1:2"), "a:1|c")
			one.take(host("10.0.0.2:1"), "a:1|g\na:x|c")
			stream.take(host("10.0.0.1:3"), "c:1|c")
		}
		all := f.senders()
		first, second, third := all["udp 10.0.0.1"], all["udp 10.0.0.2"], all["tcp 10.0.0.1"]
		if len(all) != 3 || first.Runs != 20 || first.Lines != 40 || first.Samples != 50 || first.Addresses != 2 {
			t.Errorf("%d senders, the first %+v", len(all), first)
		}
		if first.Created != 3 || first.Rejected[protocol.ReasonMalformedLine] != 10 {
			t.Errorf("%d series created, rejected %v", first.Created, first.Rejected)
		}
		if second.Lines != 20 || second.Rejected[protocol.ReasonTypeConflict] != 10 || second.Rejected[protocol.ReasonBadValue] != 10 {
			t.Errorf("the second sender: %+v", second)
		}
		if third.Lines != 10 || third.Created != 1 || third.LastSeen != f.registry.Now() {
			t.Errorf("the third sender: %+v", third)
		}
	})
}

// Facts of slow paths are kept also while nobody looks; other counts end a minute after the last poll.
func TestFactsAreKept(t *testing.T) {
	inBubble(t, func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2 }, func(f *fixture) {
		l := f.newLoop("udp")
		l.take(host("10.0.0.1:1"), "a:1|c|#k:1\na:1|c|#k:2\na:1|c|#k:3\na:1|c|#k:3\nbad")
		l.take(host("10.0.0.2:1"), "a:1|c|#k:1")
		all := f.senders()
		if c := all["udp 10.0.0.1"]; len(all) != 1 || c.Created != 2 || c.Refused != 2 || c.Lines != 0 ||
			c.Rejected[protocol.ReasonMalformedLine] != 1 {
			t.Errorf("%d senders, the first %+v", len(all), c)
		}
		l.take(host("10.0.0.2:1"), "a:1|c|#k:1")
		if c := f.senders()["udp 10.0.0.2"]; c.Lines != 1 {
			t.Errorf("%+v", c)
		}
		f.pass(61 * time.Second)
		if l.lane.IsWatched() || !f.Since().IsZero() {
			t.Error("still watched a minute after the last poll")
		}
		l.take(host("10.0.0.1:1"), "a:1|c|#k:1")
		if all := f.senders(); len(all) != 1 || all["udp 10.0.0.1"].Lines != 0 || all["udp 10.0.0.1"].Created != 2 {
			t.Errorf("after a pause: %+v", all)
		}
		if f.Since() != time.Now() {
			t.Errorf("watched since %v", f.Since())
		}
	})
}

// A line that never reaches the decoder counts for its sender, too.
func TestLost(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		l.lane.Lost(host("10.0.0.1:1"), "udp://x", protocol.ReasonTruncated, 3, []byte("cut"))
		f.Senders()
		l.lane.Lost(host("10.0.0.1:1"), "udp://x", protocol.ReasonTruncated, 3, []byte("cut"))
		l.lane.Publish()
		if c := f.senders()["udp 10.0.0.1"]; c.Lines != 1 || c.Samples != 1 || c.Rejected[protocol.ReasonTruncated] != 2 {
			t.Errorf("%+v", c)
		}
	})
}

// A sender by a unix socket is a process, with its program.
func TestSenderProgram(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("unixgram")
		f.Senders()
		peer := tap.Peer{PID: int32(os.Getpid())}
		l.take(peer, "a:1|c")
		want, _ := os.ReadFile("/proc/self/comm")
		c := f.senders()["unixgram "+peer.String()]
		if c.Program != strings.TrimSpace(string(want)) || c.Lines != 1 || c.Addresses != 1 || l.lane.Program(peer) != c.Program {
			t.Errorf("%+v, want the program %s", c, want)
		}
	})
}

func TestLinesPerSecond(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.Senders()
		for second := range 10 {
			for range 30 + 20*(second/5) {
				l.take(host("10.0.0.1:1"), "a:1|c")
			}
			f.pass(time.Second)
		}
		f.pass(time.Second)
		if c := f.senders()["udp 10.0.0.1"]; c.LinesPerSecond != 40 || c.Lines != 400 {
			t.Errorf("%v lines a second, %d lines; want 40 and 400", c.LinesPerSecond, c.Lines)
		}
	})
}

func peerNumber(n int) tap.Peer {
	return tap.Peer{Address: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 9)}
}

// The table of senders is bounded: the others share a row, and nothing is lost of the sums. Idle senders give
// their places.
func TestSendersAreBounded(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.Senders()
		for n := range tap.MaxSenders + 500 {
			l.take(peerNumber(n), "a:1|c\nbad")
		}
		list, others, folded := f.Senders()
		if len(list) != tap.MaxSenders || others.Lines != 1000 || others.Rejected[protocol.ReasonMalformedLine] != 500 {
			t.Errorf("%d senders, others %+v", len(list), others)
		}
		if folded < 475 || folded > 525 {
			t.Errorf("about %d senders are folded, want 500", folded)
		}
		for range 60 {
			f.Senders()
			l.take(peerNumber(0), "a:1|c")
			f.pass(time.Second)
		}
		f.pass(10 * time.Second)
		l.take(peerNumber(1_000_000), "a:1|c")
		list, others, _ = f.Senders()
		lines := others.Lines
		isThere := false
		for _, c := range list {
			lines += c.Lines
			isThere = isThere || c.Sender == peerNumber(1_000_000).Sender()
		}
		if want := uint64(2*(tap.MaxSenders+500) + 61); !isThere || lines != want || len(list) != tap.MaxSenders-tap.MaxEvictions+1 {
			t.Errorf("%d senders, the new one: %t; %d lines, want %d", len(list), isThere, lines, want)
		}
	})
}

// The others were last seen when the last of them was, also when a sender becomes one of them later.
func TestOthersLastSeen(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		f.Senders()
		for n := range tap.MaxSenders {
			l.take(peerNumber(n), "a:1|c")
		}
		f.pass(30 * time.Second)
		l.take(peerNumber(tap.MaxSenders), "a:1|c")
		seen := f.registry.Now()
		f.Senders()
		f.pass(40 * time.Second)
		l.take(peerNumber(tap.MaxSenders+1), "a:1|c")
		if list, others, _ := f.Senders(); len(list) >= tap.MaxSenders || others.LastSeen != seen {
			t.Errorf("%d senders, the others were last seen at %d, want %d", len(list), others.LastSeen, seen)
		}
	})
}

// With many lanes, each tells fewer senders apart.
func TestManyLanes(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		for range 127 {
			f.newLoop("udp")
		}
		f.Senders()
		for n := range 300 {
			l.take(peerNumber(n), "a:1|c")
		}
		if list, others, _ := f.Senders(); len(list) != 128 || others.Lines != 300-128 {
			t.Errorf("%d senders of one of 128 lanes, others %+v", len(list), others)
		}
	})
}

// However senders take turns, and whether or not somebody looks, counts add up to what was sent.
func TestCountsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(nil)
		defer f.Close()
		loops := []*loop{f.newLoop("udp"), f.newLoop("udp"), f.newLoop("tcp")}
		f.Senders()
		sent, rejected := make(map[string]uint64), make(map[string]uint64)
		for range rapid.IntRange(0, 200).Draw(rt, "datagrams") {
			l := rapid.IntRange(0, 2).Draw(rt, "loop")
			peer := peerNumber(rapid.IntRange(0, 5).Draw(rt, "peer"))
			lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a:1|c", "b:2|g", "bad", "a:x|c", "\r", ""}), 0, 6).Draw(rt, "lines")
			loops[l].take(peer, strings.Join(lines, "\n"))
			key := [...]string{"udp ", "udp ", "tcp "}[l] + peer.Sender().String()
			for _, line := range lines {
				if line != "" && line != "\r" {
					sent[key]++
				}
				if line == "bad" || line == "a:x|c" {
					rejected[key]++
				}
			}
		}
		for key, c := range f.senders() {
			bad := c.Rejected[protocol.ReasonMalformedLine] + c.Rejected[protocol.ReasonBadValue]
			if c.Lines != sent[key] || bad != rejected[key] {
				rt.Errorf("%s sent %d lines, %d bad; counted are %d and %d", key, sent[key], rejected[key], c.Lines, bad)
			}
			delete(sent, key)
		}
		for key, n := range sent {
			if n > 0 {
				rt.Errorf("%s sent %d lines, and is not there", key, n)
			}
		}
	})
}

// TestLooksUnderLoad is for the race detector: loops run while viewers come and go.
func TestLooksUnderLoad(t *testing.T) {
	const loops, rounds = 3, 2000
	f := newFixture(nil)
	var running, viewing sync.WaitGroup
	var ended atomic.Bool
	for n := range loops {
		l := f.newLoop("udp")
		running.Go(func() {
			for i := range rounds {
				l.take(peerNumber(i%50), fmt.Sprintf("a.%d:1|c\nb:1|ms\nbad %d", i%100, n))
			}
		})
	}
	for n := range 4 {
		viewing.Go(func() {
			since := uint64(0)
			for !ended.Load() {
				f.Senders()
				f.Rates().Family("b")
				page, _ := f.Tail(t.Context(), tap.Poll{Since: since, Filter: tap.Filter{Match: "a.*", Rejected: n%2 == 1}, Limit: 10})
				since = page.Since
				if n == 0 {
					f.StopLooking()
				}
				f.Bytes()
			}
		})
	}
	running.Wait()
	ended.Store(true)
	viewing.Wait()
	f.Close()
	f.Close()
	created := uint64(0)
	list, others, _ := f.Senders()
	for _, c := range append(list, others) {
		created += c.Created
	}
	if want := uint64(f.registry.Stats().Series); created != want {
		t.Errorf("%d series were created by senders, want %d", created, want)
	}
}

// All of it together is bounded, and reported.
func TestBytes(t *testing.T) {
	inBubble(t, nil, func(f *fixture) {
		l := f.newLoop("udp")
		before := f.Bytes()
		f.Senders()
		for n := range 5000 {
			l.take(peerNumber(n), fmt.Sprintf("family.%d:1|c|#k:%d", n, n))
			if n%1000 == 0 {
				f.pass(time.Second)
			}
		}
		f.pass(time.Second)
		if got := f.Bytes(); got < before+500_000 || got > 8<<20 {
			t.Errorf("%d bytes with everything full, %d before", got, before)
		}
		f.pass(70 * time.Second)
		f.Senders()
		if got := f.Bytes(); got > before+1<<20 {
			t.Errorf("%d bytes after a pause, %d before", got, before)
		}
	})
}
