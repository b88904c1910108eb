package ingest_test

import (
	"testing"
	"time"

	"weir/ingest"
)

func TestCoalescerLongestNap(t *testing.T) {
	f := func(asked time.Duration, buffer int, want time.Duration) {
		t.Helper()
		if got := ingest.NewCoalescer(asked, buffer).Nap(); got.Round(10*time.Microsecond) != want {
			t.Errorf("nap for %v with a buffer of %d = %v, want %v", asked, buffer, got, want)
		}
	}
	f(4*time.Millisecond, 8<<20, 4*time.Millisecond)
	f(10*time.Millisecond, 8<<20, 4190*time.Microsecond) // as long as the buffer lasts at 2 GB/s
	f(4*time.Millisecond, 212_992, 110*time.Microsecond)
	f(4*time.Millisecond, 16_384, 0) // too short to be worth it
	f(0, 8<<20, 0)
}

func TestCoalescerFollowsLoad(t *testing.T) {
	c := ingest.NewCoalescer(4*time.Millisecond, 8<<20)
	f := func(datagrams int, want time.Duration) {
		t.Helper()
		if got := c.Drained(datagrams, 0); got != want {
			t.Errorf("nap after %d datagrams = %v, want %v", datagrams, got, want)
		}
	}
	f(100, 4*time.Millisecond)
	f(500, 2*time.Millisecond) // more than an eighth of the buffer
	f(500, time.Millisecond)
	f(200, time.Millisecond) // between that and three eighths of it
	f(100, 2*time.Millisecond)
	f(1, 4*time.Millisecond)
	f(1, 4*time.Millisecond)
	for range 20 {
		c.Drained(5000, 0)
	}
	if got := c.Nap(); got != 50*time.Microsecond {
		t.Errorf("shortest nap = %v, want 50µs", got)
	}
}

// However large the buffer is, a drain is to fit into the processor's caches.
func TestCoalescerBringsLittleAtOnce(t *testing.T) {
	const datagrams, bytes = 400, 400 * 1432 // 1.4 MiB of kernel memory, a twentieth of the buffer
	c := ingest.NewCoalescer(16*time.Millisecond, 32<<20)
	c.Drained(datagrams, bytes)
	if got := c.Nap(); got != 8*time.Millisecond {
		t.Errorf("a nap of %v, want 8ms", got)
	}
	c.Drained(datagrams/2, bytes/2) // as before, in half the time
	if got := c.Nap(); got != 8*time.Millisecond {
		t.Errorf("a nap of %v, want 8ms still", got)
	}
}
