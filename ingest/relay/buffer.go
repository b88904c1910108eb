package relay

import "sync/atomic"

// Buffer packs the lines of one loop into datagrams. It belongs to that loop's goroutine.
type Buffer struct {
	relay  *Relay
	packet *packet // not yet full; nil when no line is pending
}

// Line copies a line, without its newline, to every target; line is borrowed. A line longer than MaxLineBytes
// is dropped and counted. Line never blocks, and allocates only for a line longer than a datagram;
// TestRelayAllocations guards that.
func (b *Buffer) Line(line []byte) {
	if len(line) == 0 {
		return
	}
	if len(line) > MaxLineBytes {
		b.relay.dropLong()
		return
	}
	if b.packet != nil && len(b.packet.bytes)+len(line)+len("\n") > b.relay.options.DatagramBytes {
		b.Flush()
	}
	if b.packet == nil {
		b.packet = b.relay.packet()
	}
	b.packet.bytes = append(append(b.packet.bytes, line...), '\n')
	b.packet.lines++
}

// Flush hands the pending lines to the targets. The loop calls it at the end of each batch. It never blocks.
func (b *Buffer) Flush() {
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

// packet holds the lines of one datagram, each with its newline. The Buffer that fills it owns it until
// Flush; after that nobody writes to it until every target has released it.
type packet struct {
	pool    *Relay
	bytes   []byte
	lines   uint64
	holders atomic.Int32 // how many targets hold it; written by Flush and by release
}

// release gives up the hold of one target. The last one returns p to the pool, unless a long line has grown
// it.
func (p *packet) release() {
	if p.holders.Add(-1) > 0 || cap(p.bytes) > p.pool.options.DatagramBytes {
		return
	}
	p.bytes, p.lines = p.bytes[:0], 0
	p.pool.packets.Put(p)
}
