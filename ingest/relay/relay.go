package relay

import (
	"context"
	"slices"
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

// Options configure a Relay.
type Options struct {
	// Targets are like "udp://statsd:8125"; see ValidTarget.
	Targets []string
	// TLS is for targets with tls://.
	TLS TLS
	// DatagramBytes is how many bytes of lines, each with its newline, a datagram has at most; a longer line
	// gets a datagram of its own.
	DatagramBytes int
}

// Relay copies lines to other StatsD servers, its targets.
type Relay struct {
	options Options
	targets []*target
	packets sync.Pool // of *packet
}

// New returns a relay. The options must be valid. New does no I/O: see Start.
func New(o Options, log zerolog.Logger) *Relay {
	r := &Relay{options: o}
	r.packets.New = func() any { return &packet{pool: r, bytes: make([]byte, 0, o.DatagramBytes)} }
	for _, url := range o.Targets {
		r.targets = append(r.targets, newTarget(url, queuePackets, &r.options, log))
	}
	return r
}

// Check returns what is wrong with the files that the options name.
func (r *Relay) Check() error {
	if slices.ContainsFunc(r.options.Targets, IsTLS) {
		return r.options.TLS.Check()
	}
	return nil
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
	// LinesSent and DatagramsSent were handed to the network, which may still lose them. A target over TCP or
	// TLS has no datagrams.
	LinesSent, DatagramsSent uint64
	// Dropped is how many lines could not be sent, by the reason.
	Dropped [NumDropReasons]uint64
	// LinesWaiting is how many lines wait in the queue, or to be sent again. Each line that the target was
	// given is sent, dropped or waits.
	LinesWaiting uint64
	// Connects is how many sockets and connections were opened.
	Connects uint64
	// Errors is how often sending, resolving the name or opening a connection failed, or the server closed
	// it.
	Errors uint64
}

// LinesDropped returns how many lines could not be sent, for any reason.
func (s *Stats) LinesDropped() (sum uint64) {
	for _, n := range s.Dropped {
		sum += n
	}
	return sum
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
		t.refuse(DropTooLong, 1)
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
