package relay_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/ingest/relay"
)

func TestRelayTargetValid(t *testing.T) {
	f := func(target string, want bool) {
		t.Helper()
		if got := relay.ValidTarget(target); got != want {
			t.Errorf("ValidTarget(%q) = %v, want %v", target, got, want)
		}
	}
	f("udp://127.0.0.1:8125", true)
	f("udp://[::1]:8125", true)
	f("udp://[fe80::1%eth0]:8125", true)
	f("udp://statsd:1", true)
	f("tcp://statsd:8125", true)
	f("tls://[::1]:8125", true)
	f("udp://stats_d-1.example.org.:65535", true)

	f("", false)
	f("statsd:8125", false)
	f("http://statsd:8125", false)
	f("tcp://statsd", false)
	f("UDP://statsd:8125", false)
	f("udp:statsd:8125", false)
	f("udp://statsd", false)
	f("udp://:8125", false)
	f("udp://statsd:", false)
	f("udp://statsd:0", false)
	f("udp://statsd:65536", false)
	f("udp://statsd:-1", false)
	f("udp://statsd:http", false)
	f("udp://statsd:8125/", false)
	f("udp://user@statsd:8125", false)
	f("udp://stats d:8125", false)
	f("udp://::1:8125", false)
	f("udp://[::1:8125", false)
	f("udp://"+strings.Repeat("a", 256)+":8125", false)
}

// Every line comes to every target exactly once, packed as far as a datagram goes.
func TestRelayPacks(t *testing.T) {
	const datagramBytes = 64
	sinks := []*fakeServer{newFakeServer(t, "127.0.0.1:0"), newFakeServer(t, "127.0.0.1:0")}
	settings := relay.Settings{DatagramBytes: datagramBytes}
	r := startRelay(t, settings, sinks[0].target(), sinks[1].target())
	buffer := r.NewBuffer()
	var want []string
	add := func(line string) {
		want = append(want, line)
		b := []byte(line)
		buffer.Line(b)
		copy(b, "XXXXXXXX") // it was borrowed
	}
	for i := range 200 {
		add(fmt.Sprintf("metric%03d:%s|c", i, strings.Repeat("1", i%20+1)))
	}
	add(strings.Repeat("a", datagramBytes/2-1))
	add(strings.Repeat("b", datagramBytes/2-1)) // both fit, with their newlines
	add(strings.Repeat("c", datagramBytes))     // alone, as it does not fit with its newline
	add(strings.Repeat("d", 65506))             // alone
	add("last:1|c")
	buffer.Line(nil) // nothing
	buffer.Line([]byte(strings.Repeat("e", 65507)))
	buffer.Flush()
	buffer.Flush() // nothing
	closeRelay(r)
	slices.Sort(want)
	for i, sink := range sinks {
		until(t, "all lines", func() bool { return len(sink.lines()) >= len(want) })
		if got := sink.lines(); !slices.Equal(got, want) {
			t.Errorf("lines that came\n%q, want\n%q", got, want)
		}
		datagrams := sink.got()
		for j, d := range datagrams {
			if len(d) > datagramBytes && strings.Count(d, "\n") > 1 {
				t.Errorf("a datagram of %d bytes holds several lines: %q", len(d), d)
			}
			if !strings.HasSuffix(d, "\n") {
				t.Errorf("%q does not end with a newline", d)
			}
			next, _, _ := strings.Cut(append(datagrams, strings.Repeat("x", datagramBytes))[j+1], "\n")
			if len(d)+len(next)+1 <= datagramBytes {
				t.Errorf("%q would have fitted into datagram %q", next, d)
			}
		}
		wantStats := relay.Stats{
			Target: sink.target(), LinesSent: uint64(len(want)), Connects: 1,
			DatagramsSent: uint64(len(datagrams)), Dropped: dropped(relay.DropTooLong, 1),
		}
		if got := r.Stats()[i]; got != wantStats {
			t.Errorf("stats = %+v, want %+v", got, wantStats)
		}
	}
}

// A target where nothing listens costs errors, no more, and gets lines as soon as something does.
func TestRelayDeadTargetComesAlive(t *testing.T) {
	dead := newFakeServer(t, "127.0.0.1:0")
	dead.close()
	other := newFakeServer(t, "127.0.0.1:0")
	r := startRelay(t, relay.Settings{}, dead.target(), other.target())
	buffer := r.NewBuffer()
	sent := uint64(0)
	send := func() {
		buffer.Line([]byte("a:1|c"))
		buffer.Flush()
		sent++
	}
	until(t, "errors", func() bool { send(); return r.Stats()[0].Errors >= 3 })
	alive := newFakeServer(t, dead.address())
	until(t, "lines at the target that was dead", func() bool { send(); return len(alive.lines()) >= 3 })
	closeRelay(r)
	until(t, "all lines at the other", func() bool { return uint64(len(other.lines())) == sent })
	stats := r.Stats()
	if got := stats[0].LinesSent + stats[0].LinesDropped(); got != sent {
		t.Errorf("the dead target has sent and dropped %d lines of %d: %+v", got, sent, stats[0])
	}
	if got := stats[1]; got.Errors != 0 || got.LinesDropped() != 0 {
		t.Errorf("the other target has errors: %+v", got)
	}
}

// A target that cannot send neither blocks nor slows another; lines beyond its queue are dropped.
func TestRelayFullQueue(t *testing.T) {
	const lines, queue = 100, 4
	sink := newFakeServer(t, "127.0.0.1:0")
	settings := relay.Settings{DatagramBytes: 8, Lookup: nowhere}
	r := startRelay(t, settings, sink.target(), "udp://stuck:1")
	settings.Queue = queue
	stuck := startRelay(t, settings, "udp://stuck:1")
	for _, buffer := range []*relay.Buffer{stuck.NewBuffer(), r.NewBuffer()} {
		for range lines {
			buffer.Line([]byte("a:1|c"))
			buffer.Flush()
		}
	}
	until(t, "all lines", func() bool { return len(sink.lines()) == lines })
	if got, want := stuck.Stats()[0], (relay.Stats{
		Target: "udp://stuck:1", LinesWaiting: queue, Dropped: dropped(relay.DropQueueFull, lines-queue),
	}); got != want {
		t.Errorf("stats of the full queue = %+v, want %+v", got, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	stuck.Close(ctx)
	if got, want := stuck.Stats()[0].Dropped[relay.DropStopped], uint64(queue); got != want {
		t.Errorf("%d lines are dropped by Close, want %d", got, want)
	}
	r.Close(ctx)
	if got := r.Stats(); got[0].LinesSent != lines || got[1].LinesDropped() != lines {
		t.Errorf("stats after Close = %+v, want all %d lines sent, and dropped", got, lines)
	}
}

// Long lines may not make the queue larger than so many datagrams.
func TestRelayQueueBytes(t *testing.T) {
	r := relay.NewTest(relay.Settings{DatagramBytes: 100, Queue: 4}, "udp://127.0.0.1:1")
	buffer := r.NewBuffer()
	for _, n := range []int{300, 101, 100, 1} {
		buffer.Line(make([]byte, n))
		buffer.Flush()
	}
	if got := r.Stats()[0].LinesDropped(); got != 2 {
		t.Errorf("%d lines are dropped, want 2: of 101 and 1 bytes", got)
	}
	closeRelay(r)
	buffer.Line([]byte("late"))
	buffer.Flush()
	if got := r.Stats()[0].LinesDropped(); got != 5 {
		t.Errorf("%d lines are dropped after Close without Start, want all 5", got)
	}
}

// A name is resolved periodically, and after errors, which lead to its next address.
func TestRelayFollowsName(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8")
	}
	first := newFakeServer(t, "127.0.0.1:0")
	_, port, _ := strings.Cut(first.address(), ":")
	second := newFakeServer(t, "127.0.0.2:"+port)
	var mu sync.Mutex
	ips := []netip.Addr(nil)
	set := func(list ...string) {
		mu.Lock()
		defer mu.Unlock()
		ips = nil
		for _, ip := range list {
			ips = append(ips, netip.MustParseAddr(ip))
		}
	}
	lookup := func(context.Context, string, string) ([]netip.Addr, error) {
		mu.Lock()
		defer mu.Unlock()
		return ips, nil
	}
	r := startRelay(t, relay.Settings{
		Lookup: lookup, ResolveEvery: 2 * time.Millisecond, RetryAfter: time.Millisecond,
	}, "udp://name:"+port)
	buffer := r.NewBuffer()
	arrive := func(at *fakeServer) {
		t.Helper()
		before := len(at.lines())
		until(t, "a line at "+at.address(), func() bool {
			for range 2 { // the error of the first reaches the second, if both take the same socket
				buffer.Line([]byte("a:1|c"))
				buffer.Flush()
			}
			return len(at.lines()) > before
		})
	}
	until(t, "an error", func() bool { return r.Stats()[0].Errors > 0 }) // it has no address
	set("::ffff:127.0.0.1")
	arrive(first)
	set("127.0.0.2")
	arrive(second)
	set("::1", "127.0.0.2", "127.0.0.1")
	second.close()
	arrive(first)
}

// Close sends queued lines, also when the name resolves only then.
func TestRelayCloseFlushes(t *testing.T) {
	sink := newFakeServer(t, "127.0.0.1:0")
	_, port, _ := strings.Cut(sink.address(), ":")
	asked, answer := make(chan struct{}), make(chan struct{})
	lookup := func(context.Context, string, string) ([]netip.Addr, error) {
		close(asked)
		<-answer
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	r := startRelay(t, relay.Settings{Lookup: lookup}, "udp://name:"+port)
	buffer := r.NewBuffer()
	for range 10 {
		buffer.Line([]byte("a:1|c"))
		buffer.Flush()
	}
	<-asked
	closed := make(chan struct{})
	go func() { // ends with Close
		defer close(closed)
		closeRelay(r)
	}()
	close(answer)
	<-closed
	closeRelay(r) // safe twice
	until(t, "all lines", func() bool { return len(sink.lines()) == 10 })
	if got := r.Stats()[0]; got.LinesSent != 10 || got.LinesDropped() != 0 {
		t.Errorf("stats = %+v, want 10 lines sent", got)
	}
}

// Many loops write at a time; every line of each comes once.
func TestRelayConcurrent(t *testing.T) {
	const loops, lines = 8, 200
	sink := newFakeServer(t, "127.0.0.1:0")
	r := startRelay(t, relay.Settings{}, sink.target(), "udp://127.0.0.1:1")
	var group sync.WaitGroup
	for i := range loops {
		group.Go(func() {
			buffer := r.NewBuffer()
			for j := range lines {
				buffer.Line(fmt.Appendf(nil, "loop%d.%03d:1|c", i, j))
				if j%37 == 0 {
					buffer.Flush()
					r.Stats()
				}
			}
			buffer.Flush()
		})
	}
	group.Wait()
	closeRelay(r)
	until(t, "all lines", func() bool { return len(sink.lines()) >= loops*lines })
	if got := len(slices.Compact(sink.lines())); got != loops*lines || len(sink.lines()) != got {
		t.Errorf("%d lines came, %d different ones, want %d", len(sink.lines()), got, loops*lines)
	}
	stats := r.Stats()
	for _, s := range stats {
		if s.LinesSent+s.LinesDropped() != loops*lines || s.LinesWaiting != 0 {
			t.Errorf("sent and dropped lines are not %d: %+v", loops*lines, s)
		}
	}
}

// dropped returns the counts of n lines dropped for one reason.
func dropped(why relay.DropReason, n uint64) (counts [relay.NumDropReasons]uint64) {
	counts[why] = n
	return counts
}
