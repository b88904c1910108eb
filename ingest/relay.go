package ingest

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"
)

const (
	// relayDatagram is the most bytes of lines packed into one datagram: what an Ethernet frame carries
	// behind the headers of IPv6 and UDP, with 20 bytes to spare for a tunnel.
	relayDatagram = 1432

	// maxRelayLine is the longest line that a datagram of IPv4 can carry, alone.
	maxRelayLine = 65507

	// relayQueue is how many full datagrams may wait for one target, about 6 MB: a target that stops for a
	// tenth of a second at a million lines of 50 bytes in a second loses nothing.
	relayQueue = 4096
)

// relay copies lines to other StatsD servers. What cannot be sent at once waits in the bounded queue of its
// target; what finds that full is dropped and counted. Nothing ever waits for a target.
//
//	line      relayBuffer.line     copied into the pending packet     owner: one loop
//	packet    relayBuffer.flush    one packet for all targets
//	queue     relayTarget.offer    never blocks                       a queue for each target
//	datagram  relayTarget.send     one connected socket               owner: the goroutine of the target
type relay struct {
	datagramBytes int
	targets       []*relayTarget
	packets       sync.Pool // of *relayPacket
}

// newRelay returns a relay to targets, which must be valid, with lines packed to datagramBytes. It does no
// I/O: see start.
func newRelay(targets []string, datagramBytes int, log zerolog.Logger) *relay {
	r := &relay{datagramBytes: datagramBytes}
	r.packets.New = func() any { return &relayPacket{pool: r, bytes: make([]byte, 0, datagramBytes)} }
	for _, target := range targets {
		r.targets = append(r.targets, newRelayTarget(target, relayQueue, datagramBytes, log))
	}
	return r
}

// start begins to send. A name that does not resolve is no error: it is tried again.
func (r *relay) start() {
	for _, t := range r.targets {
		t.start()
	}
}

// close sends what is queued, until ctx is done or drainLimit has passed, and waits for every goroutine.
// What could not be sent counts as dropped. Every relayBuffer must have been flushed. It is safe twice, and
// without start.
func (r *relay) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	var targets sync.WaitGroup
	for _, t := range r.targets {
		targets.Go(func() { t.close(ctx) })
	}
	targets.Wait()
}

// RelayStats are the counts of one target of the relay.
type RelayStats struct {
	// Target is the target as configured, like "udp://statsd:8125".
	Target string
	// LinesSent and DatagramsSent were handed to the network, which may still lose them.
	LinesSent, DatagramsSent uint64
	// LinesDropped could not be sent: the queue was full, sending failed, or the line is longer than a
	// datagram.
	LinesDropped uint64
	// Errors is how often sending, resolving the name or opening a socket failed.
	Errors uint64
}

// stats returns the counts of every target now. It may be called from any goroutine.
func (r *relay) stats() []RelayStats {
	stats := make([]RelayStats, len(r.targets))
	for i, t := range r.targets {
		stats[i] = t.stats()
	}
	return stats
}

// relayBuffer is where one loop packs its lines. It belongs to that loop.
type relayBuffer struct {
	relay  *relay
	packet *relayPacket // not yet full; nil when there is none
}

func (r *relay) newBuffer() *relayBuffer { return &relayBuffer{relay: r} }

// line copies a line, without its newline, to every target. It never blocks, and allocates only for a line
// longer than a packet; TestRelayAllocations guards that.
func (b *relayBuffer) line(line []byte) {
	if len(line) == 0 {
		return
	}
	if len(line) > maxRelayLine {
		b.relay.drop(1)
		return
	}
	if b.packet != nil && len(b.packet.bytes)+len("\n")+len(line) > b.relay.datagramBytes {
		b.flush()
	}
	if b.packet == nil {
		b.packet = b.relay.packet()
	} else {
		b.packet.bytes = append(b.packet.bytes, '\n')
	}
	b.packet.bytes = append(b.packet.bytes, line...)
	b.packet.lines++
}

// flush hands the pending lines over. The loop calls it at the end of each batch.
func (b *relayBuffer) flush() {
	p := b.packet
	if p == nil {
		return
	}
	b.packet = nil
	p.holders.Store(int32(len(b.relay.targets)))
	for _, t := range b.relay.targets {
		t.offer(p)
	}
}

func (r *relay) drop(lines uint64) {
	for _, t := range r.targets {
		t.linesDropped.Add(lines)
	}
}

// relayPacket is the lines of one datagram, newline-joined. The loop that fills it owns it until flush;
// then nobody writes it until the last target that holds it lets go.
type relayPacket struct {
	pool    *relay
	bytes   []byte
	lines   uint64
	holders atomic.Int32 // how many targets hold it; written by flush and by release
}

// packet returns an empty packet.
func (r *relay) packet() *relayPacket {
	p, ok := r.packets.Get().(*relayPacket)
	if !ok {
		panic("BUG: the pool of packets holds something else")
	}
	return p
}

// release lets go of p. Packets that a long line has grown are left to the collector.
func (p *relayPacket) release() {
	if p.holders.Add(-1) > 0 || cap(p.bytes) > p.pool.datagramBytes {
		return
	}
	p.bytes, p.lines = p.bytes[:0], 0
	p.pool.packets.Put(p)
}

const wantRelayTarget = `want "udp://host:port" with a numeric port, like "udp://statsd:8125"`

// validRelayTarget says whether target can be relayed to, which is all that wantRelayTarget says. It
// resolves nothing.
func validRelayTarget(target string) bool {
	_, _, ok := parseRelayTarget(target)
	return ok
}

// parseRelayTarget splits a target into a host, which is a name or an IP address without brackets, and a
// port.
//
//	udp://statsd:8125    udp://[::1]:8125
//	      ^^^^^^ ^^^^           ^^^  ^^^^
func parseRelayTarget(target string) (host string, port uint16, ok bool) {
	address, ok := strings.CutPrefix(target, "udp://")
	if !ok {
		return "", 0, false
	}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || n == 0 {
		return "", 0, false
	}
	if _, err := netip.ParseAddr(host); err != nil && !validHostName(host) {
		return "", 0, false
	}
	return host, uint16(n), true
}

// validHostName says whether every byte of name can be part of a host's name, as RFC 1123 has it, with the
// '_' that service names of containers carry.
func validHostName(name string) bool {
	const more = "-._"
	for _, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return name != "" && len(name) <= 255
}
