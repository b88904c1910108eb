package dgram_test

import (
	"fmt"
	"testing"
	"time"

	"weir/ingest/dgram"
)

// A quiet socket is drained every 16 ms. A burst that fills much of the buffer halves the sleeps.
func ExampleCoalescer() {
	const bufferBytes = 64 << 20
	c := dgram.NewCoalescer(16*time.Millisecond, bufferBytes)
	fmt.Println(c.Next())
	c.Drained(1000, 1_000_000)
	fmt.Println(c.Next())
	c.Drained(10, 10_000)
	fmt.Println(c.Next())
	// Output:
	// 16ms
	// 8ms
	// 16ms
}

func TestCoalescerLongestSleep(t *testing.T) {
	f := func(longest time.Duration, buffer int, want time.Duration) {
		t.Helper()
		c := dgram.NewCoalescer(longest, buffer)
		if got := c.Next(); got.Round(10*time.Microsecond) != want {
			t.Errorf("sleep of at most %v with a buffer of %d = %v, want %v", longest, buffer, got, want)
		}
	}
	f(4*time.Millisecond, 8<<20, 4*time.Millisecond)
	f(10*time.Millisecond, 8<<20, 4190*time.Microsecond) // as long as the buffer lasts at 2 GB/s
	f(4*time.Millisecond, 212_992, 110*time.Microsecond)
	f(4*time.Millisecond, 16_384, 0) // too short to be worth it
	f(0, 8<<20, 0)
}

func TestCoalescerFollowsLoad(t *testing.T) {
	c := dgram.NewCoalescer(4*time.Millisecond, 8<<20)
	f := func(datagrams int, want time.Duration) {
		t.Helper()
		c.Drained(datagrams, 0)
		if got := c.Next(); got != want {
			t.Errorf("sleep after %d datagrams = %v, want %v", datagrams, got, want)
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
	if got := c.Next(); got != 50*time.Microsecond {
		t.Errorf("shortest sleep = %v, want 50µs", got)
	}
}

// However large the buffer is, the datagrams of one drain should fit into the processor's caches.
func TestCoalescerBringsLittleAtOnce(t *testing.T) {
	const datagrams, bytes = 400, 400 * 1432 // 1.4 MiB of kernel memory, a twentieth of the buffer
	c := dgram.NewCoalescer(16*time.Millisecond, 32<<20)
	c.Drained(datagrams, bytes)
	if got := c.Next(); got != 8*time.Millisecond {
		t.Errorf("a sleep of %v, want 8ms", got)
	}
	c.Drained(datagrams/2, bytes/2) // as before, in half the time
	if got := c.Next(); got != 8*time.Millisecond {
		t.Errorf("a sleep of %v, want 8ms still", got)
	}
}
