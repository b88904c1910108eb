package dgram

import "time"

const (
	// kernelBytesPerDatagram is about how much of a receive buffer a datagram of up to an Ethernet frame
	// takes (its truesize); kernelBytesPerSecond is how fast senders fill the buffer at most: 2 GB/s, nearly
	// a million datagrams a second.
	kernelBytesPerDatagram = 2304
	kernelBytesPerSecond   = 2e9

	// minSleep is the shortest sleep worth taking: waking up from it costs as much.
	minSleep = 50 * time.Microsecond

	// maxDrainBytes is how much kernel memory one drain should bring at most, however large the buffer: more
	// does not fit into the processor's caches.
	maxDrainBytes = 1 << 20

	// epollSlack is added to sleeps of whole milliseconds. The runtime waits for its next timer in
	// epoll_wait(2), which takes whole milliseconds: it rounds down and waits a second time for the rest, two
	// wake-ups for one sleep.
	epollSlack = 40 * time.Microsecond
)

// Coalescer decides how long a loop sleeps between two drains so that datagrams gather. Wake-ups cost more
// than parsing, so it sleeps as long as it may, but never so long that the receive buffer could fill up
// meanwhile. It belongs to one loop. The zero value never sleeps.
type Coalescer struct {
	longest time.Duration
	buffer  int           // receive buffer granted, in bytes of kernel memory
	next    time.Duration // how long the next sleep is; 0 is none
}

// NewCoalescer returns a coalescer whose sleeps are at most longest, for a receive buffer of so many bytes of
// kernel memory.
func NewCoalescer(longest time.Duration, buffer int) Coalescer {
	fill := time.Duration(float64(buffer) / kernelBytesPerSecond * float64(time.Second))
	longest = min(longest, fill)
	if longest < minSleep {
		longest = 0
	}
	return Coalescer{longest: longest, buffer: buffer, next: longest}
}

// Next returns how long the next sleep is; 0 means that the loop must not sleep.
func (c *Coalescer) Next() time.Duration { return c.next }

// Sleep sleeps for Next.
func (c *Coalescer) Sleep() {
	if c.next >= time.Millisecond {
		time.Sleep(c.next + epollSlack)
	} else {
		time.Sleep(c.next)
	}
}

// Drained reports how many datagrams, with how many bytes, one drain brought after a sleep. While drains
// bring more than an eighth of the buffer, or more than maxDrainBytes, sleeps are halved; while they bring
// less than three eighths of that limit, sleeps grow back.
func (c *Coalescer) Drained(datagrams, bytes int) {
	used, limit := datagrams*kernelBytesPerDatagram+bytes, min(c.buffer/8, maxDrainBytes)
	switch {
	case used > limit:
		c.next = max(c.next/2, min(minSleep, c.longest))
	case used < limit*3/8:
		c.next = min(c.next*2, c.longest)
	}
}
