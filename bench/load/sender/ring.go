package sender

import "weir/bench/workload"

// Ring is a run of datagrams that is sent from the first to the last and then again. The zero value is
// empty and ready.
type Ring struct {
	bytes   []byte // the datagrams, a newline after each
	packets []packet
	lines   uint64
}

// packet is a datagram of a ring: bytes[start:end], without its newline.
type packet struct {
	start, end     int
	lines, samples uint64
}

// Append adds a copy of a datagram that has no newline at its end.
func (r *Ring) Append(datagram []byte, lines, samples uint64) {
	start := len(r.bytes)
	r.bytes = append(r.bytes, datagram...)
	r.seal(start, lines, samples)
}

// Generate adds the next datagram of g: so many lines, or as many as fit in maxBytes.
func (r *Ring) Generate(g *workload.Generator, lines, maxBytes int) {
	start, before := len(r.bytes), g.Count()
	r.bytes = g.AppendDatagram(r.bytes, lines, maxBytes)
	after := g.Count()
	r.seal(start, after.Lines-before.Lines, after.Samples-before.Samples)
}

// seal ends the datagram that begins at start.
func (r *Ring) seal(start int, lines, samples uint64) {
	r.packets = append(r.packets, packet{start: start, end: len(r.bytes), lines: lines, samples: samples})
	r.bytes = append(r.bytes, '\n')
	r.lines += lines
}

// Len returns how many datagrams the ring has.
func (r *Ring) Len() int { return len(r.packets) }

// Lines returns how many lines its datagrams have.
func (r *Ring) Lines() uint64 { return r.lines }

// datagram returns the bytes of the i-th datagram.
func (r *Ring) datagram(i int) []byte { return r.bytes[r.packets[i].start:r.packets[i].end] }

// stream returns the bytes of the datagrams first to last-1, each with its newline.
func (r *Ring) stream(first, last int) []byte {
	return r.bytes[r.packets[first].start : r.packets[last-1].end+1]
}
