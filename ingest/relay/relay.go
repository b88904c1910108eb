package relay

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	// DefaultDatagramBytes is the default limit of the lines packed into one datagram: an Ethernet frame less
	// the headers of IPv6 and UDP, with 20 bytes to spare for a tunnel.
	DefaultDatagramBytes = 1432

	// MaxDatagramBytes is the largest datagram of IPv4, and MaxLineBytes the longest line that it can carry
	// with its newline.
	MaxDatagramBytes = 65507
	// MaxLineBytes is the longest line that fits into a datagram with its newline.
	MaxLineBytes = MaxDatagramBytes - 1

	// queuePackets is how many full datagrams may wait for one target, about 6 MB: a target that stops for a
	// tenth of a second loses nothing at a million lines of 50 bytes a second.
	queuePackets = 4096

	// closeTimeout bounds how long Close goes on sending.
	closeTimeout = time.Second
)

// Relay copies lines to other StatsD servers, its targets.
type Relay struct {
	datagramBytes int
	targets       []*target
	packets       sync.Pool // of *packet
}

// New returns a relay to targets like "udp://statsd:8125", which must be valid (see ValidTarget). Lines, each
// with its newline, are packed into datagrams of datagramBytes at most; a longer line gets a datagram of its
// own. New does no I/O: see Start.
func New(targets []string, datagramBytes int, log zerolog.Logger) *Relay {
	r := &Relay{datagramBytes: datagramBytes}
	r.packets.New = func() any { return &packet{pool: r, bytes: make([]byte, 0, datagramBytes)} }
	for _, url := range targets {
		r.targets = append(r.targets, newTarget(url, queuePackets, datagramBytes, log))
	}
	return r
}

// Start begins to send. A name that does not resolve is no error: weir tries again.
func (r *Relay) Start() {
	for _, t := range r.targets {
		t.start()
	}
}

// Close sends the queued lines until ctx is done, at most for a second, and waits for every goroutine. Lines
// that could not be sent count as dropped. Every Buffer must have been flushed. It is safe twice, and without
// Start.
func (r *Relay) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	var targets sync.WaitGroup
	for _, t := range r.targets {
		targets.Go(func() { t.close(ctx) })
	}
	targets.Wait()
}

// Stats are the counts of one target.
type Stats struct {
	// Target is the target as configured, like "udp://statsd:8125".
	Target string
	// LinesSent and DatagramsSent were handed to the network, which may still lose them.
	LinesSent, DatagramsSent uint64
	// LinesDropped could not be sent: the queue was full, sending failed, or the line is longer than
	// MaxLineBytes.
	LinesDropped uint64
	// LinesTooLong of LinesDropped are longer than MaxLineBytes.
	LinesTooLong uint64
	// Errors is how often sending, resolving the name or opening a socket failed.
	Errors uint64
}

// Stats returns the current counts of every target, in the order of New. Any goroutine may call it.
func (r *Relay) Stats() []Stats {
	stats := make([]Stats, len(r.targets))
	for i, t := range r.targets {
		stats[i] = t.stats()
	}
	return stats
}

// NewBuffer returns a buffer for the lines of one goroutine.
func (r *Relay) NewBuffer() *Buffer { return &Buffer{relay: r} }

// dropLong counts a line that no target can be sent, because it is longer than MaxLineBytes.
func (r *Relay) dropLong() {
	for _, t := range r.targets {
		t.linesDropped.Add(1)
		t.linesTooLong.Add(1)
	}
}

// packet returns an empty packet.
func (r *Relay) packet() *packet {
	p, ok := r.packets.Get().(*packet)
	if !ok {
		panic("BUG: the pool of packets holds something else")
	}
	return p
}
