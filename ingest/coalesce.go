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

// drained tells how many datagrams, with how many bytes, one drain brought after a nap. While that is more
// than an eighth of the buffer the naps are halved, and while it is less than a thirty-second they grow
// back.
func (c *coalescer) drained(datagrams, bytes int) {
	used := datagrams*kernelBytesPerDatagram + bytes
	switch {
	case used > c.buffer/8:
		c.nap = max(c.nap/2, min(minNap, c.longest))
	case used < c.buffer/32:
		c.nap = min(c.nap*2, c.longest)
	}
}
