//go:build !race

package relay_test

import (
	"context"
	"net"
	"runtime"
	"testing"

	"weir/ingest/relay"
)

// A line costs no allocation, sent or dropped: packets are used again.
func TestRelayAllocations(t *testing.T) {
	f := func(what string, r *relay.Relay, settled func(packets uint64) bool) {
		t.Helper()
		buffer, line := r.NewBuffer(), []byte("some.metric.of.usual.length:1|c|#host:a")
		const batch = 100 // lines: of 39 bytes and a newline, 35 to a packet
		packets := uint64(0)
		got := testing.AllocsPerRun(1000, func() {
			for range batch {
				buffer.Line(line)
			}
			buffer.Flush()
			packets += 3
			for !settled(packets) {
				runtime.Gosched()
			}
		})
		if got != 0 { // an average without its fraction: the collector may empty the pool now and then
			t.Errorf("%s: %d lines cost %v allocations, want none", what, batch, got)
		}
	}
	sent := startRelay(t, relay.Settings{}, "udp://"+newSilentSink(t))
	f("sent", sent, func(packets uint64) bool { return sent.DatagramsSent() == packets })
	dropped := startRelay(t, relay.Settings{Queue: 1, Lookup: nowhere}, "udp://stuck:1")
	f("dropped", dropped, func(uint64) bool { return true })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dropped.Close(ctx) // drops the queue: it has no socket
}

// newSilentSink returns the address of a server that reads nothing, so that it allocates nothing; the kernel
// drops datagrams that its buffer does not hold.
func newSilentSink(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.LocalAddr().String()
}
