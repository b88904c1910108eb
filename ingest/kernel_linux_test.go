package ingest_test

import (
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/prometheus/procfs"

	"weir/ingest"
)

// TestLedgerBalancesUnderOverload fills tiny receive buffers faster than one loop can empty them: each
// datagram sent is either received or counted as dropped by the kernel, which /proc/net/udp confirms.
func TestLedgerBalancesUnderOverload(t *testing.T) {
	s, _ := start(t, func(o *ingest.Options) { o.ReceiveBuffer, o.Loops, o.TCP = 2048, 1, nil })
	const senders, datagrams = 4, 20_000
	payload := []byte("a:1|c\nb:2|c\nbad\nc:3|ms")
	var sending sync.WaitGroup
	for range senders {
		c := dial(t, "udp", address(t, s, "udp"))
		sending.Go(func() { flood(t, c, payload, datagrams) })
	}
	sending.Wait()
	var stats ingest.TransportStats
	eventually(t, func() (bool, string) {
		stats = total(s)
		return stats.Ledger.Datagrams+stats.Sockets[0].KernelDrops == senders*datagrams, fmt.Sprintf("%+v", stats)
	})
	if stats.Sockets[0].KernelDrops == 0 {
		t.Error("nothing was dropped: this was no overload")
	}
	balanced(t, stats.Ledger)
	if stats.Ledger.Samples != 4*stats.Ledger.Datagrams {
		t.Errorf("%d samples of %d datagrams, want four each", stats.Ledger.Samples, stats.Ledger.Datagrams)
	}
	if got, want := stats.Sockets[0].KernelDrops, procDrops(t, address(t, s, "udp").Port()); got != want {
		t.Errorf("SO_MEMINFO says %d drops, /proc/net/udp %d", got, want)
	}
}

func flood(t *testing.T, c net.Conn, payload []byte, datagrams int) {
	t.Helper()
	for range datagrams {
		if _, err := c.Write(payload); err != nil {
			t.Errorf("send: %v", err)
			return
		}
	}
}

// procDrops returns the drops that /proc/net/udp has for the one socket on port.
func procDrops(t *testing.T, port uint16) uint64 {
	t.Helper()
	fs, err := procfs.NewFS("/proc/self")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := fs.NetUDP()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if l.LocalPort == uint64(port) && l.Drops != nil {
			return *l.Drops
		}
	}
	t.Fatalf("no line of /proc/net/udp has port %d", port)
	return 0
}

// A buffer beyond net.core.rmem_max needs a privilege; the granted size is read back and reported.
func TestReceiveBufferIsReadBack(t *testing.T) {
	s, _ := start(t, func(o *ingest.Options) { o.ReceiveBuffer = 64 << 10 })
	for _, socket := range total(s).Sockets {
		if socket.BufferBytes != 2*64<<10 {
			t.Errorf("buffer of %s = %d, want twice the 64 KiB asked", socket.Listener, socket.BufferBytes)
		}
	}
}

// One sender reaches one loop by flow, and every loop at random.
func TestSpread(t *testing.T) {
	const loops, datagrams = 4, 400
	for _, spread := range []string{ingest.SpreadFlow, ingest.SpreadRandom} {
		s, registry := start(t, func(o *ingest.Options) { o.Spread, o.Loops = spread, loops })
		c := dial(t, "udp", address(t, s, "udp"))
		for range datagrams {
			send(t, c, "a:1|c")
		}
		eventuallyTotals(t, registry, fmt.Sprintf("a:%d", datagrams))
		want := 1
		if spread == ingest.SpreadRandom {
			want = loops // all but one of 4^400 times
		}
		if got := s.LoopsReached(); got != want {
			t.Errorf("%s: one sender reached %d of %d loops, want %d", spread, got, loops, want)
		}
	}
}
