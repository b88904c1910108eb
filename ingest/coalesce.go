package ingest

import "time"

const (
	// kernelBytesPerDatagram is about what a datagram of up to an Ethernet frame takes of a receive buffer
	// (its truesize), and kernelBytesPerSecond what senders fill of it at most: 2 GB/s, nearly a million
	// datagrams a second.
	kernelBytesPerDatagram = 2304
	kernelBytesPerSecond   = 2e9

	// minNap is the shortest sleep worth taking: waking from one costs as much.
	minNap = 50 * time.Microsecond

	// mostAtOnce is how much kernel memory one drain should bring at most, whatever the buffer holds: more
	// does not fit into the processor's caches.
	mostAtOnce = 1 << 20

	// epollSlack is added to sleeps of whole milliseconds. The runtime waits for its next timer in
	// epoll_wait(2), which it gives whole milliseconds, rounded down, and what is left is a second wait: two
	// wake-ups for one sleep.
	epollSlack = 40 * time.Microsecond
)

// coalescer decides how long a loop sleeps between two drains to let datagrams gather. Wake-ups are what
// costs, not parsing, so it sleeps as long as it may; but never so long that the receive buffer could fill
// meanwhile.
type coalescer struct {
	longest time.Duration
	buffer  int // receive buffer granted, in bytes of kernel memory
	nap     time.Duration
}

func newCoalescer(longest time.Duration, buffer int) coalescer {
	fill := time.Duration(float64(buffer) / kernelBytesPerSecond * float64(time.Second))
	longest = min(longest, fill)
	if longest < minNap {
		longest = 0
	}
	return coalescer{longest: longest, buffer: buffer, nap: longest}
}

// sleep takes a nap.
func (c *coalescer) sleep() {
	if c.nap >= time.Millisecond {
		time.Sleep(c.nap + epollSlack)
	} else {
		time.Sleep(c.nap)
	}
}

// drained tells how many datagrams, with how many bytes, one drain brought after a nap. While that is more
// than an eighth of the buffer, or mostAtOnce, the naps are halved, and while it is less than three eighths
// of that they grow back.
func (c *coalescer) drained(datagrams, bytes int) {
	used, much := datagrams*kernelBytesPerDatagram+bytes, min(c.buffer/8, mostAtOnce)
	switch {
	case used > much:
		c.nap = max(c.nap/2, min(minNap, c.longest))
	case used < much*3/8:
		c.nap = min(c.nap*2, c.longest)
	}
}
