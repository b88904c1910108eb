package workload

import (
	"strconv"

	"weir/protocol"
)

// maxPacked is the most values of a line.
const maxPacked = 4

// draft is a line that was drawn and may not have been sent. Values are in quarters, so that sums are whole
// numbers. The values of sets are the numbers of their members.
type draft struct {
	series *series
	values [maxPacked]uint32
	packed int    // how many values there are
	weight uint32 // 1/rate: 1, 2, 4 or 10
}

// draw fills d with a line of a series.
func (d *draft) draw(s *series, g *Generator) {
	d.series, d.weight, d.packed = s, g.drawWeight(s.kind), g.drawPacked(s.kind)
	for i := range d.packed {
		d.values[i] = drawValue(s.kind, g.random.Uint32())
	}
}

// drawValue makes a value of 32 random bits.
func drawValue(kind protocol.Kind, bits uint32) uint32 {
	low, high := bits&0xffff, bits>>16
	switch kind {
	case protocol.KindCounter:
		return drawIncrement(low, high)
	case protocol.KindGauge:
		return low // 0 to 16,383.75
	case protocol.KindTimer:
		return 4 * (1 + low&0xfff>>(high&7)) // 1 to 4,096 ms, mostly short
	case protocol.KindSet:
		return low % setMembers
	default:
		return low >> (high & 7) // 0 to 16,383.75, mostly small
	}
}

// drawIncrement returns 1 in three of four cases; else 2 to 9, or 0.25 to 2 in quarters.
func drawIncrement(low, high uint32) uint32 {
	switch high & 7 {
	case 0:
		return 4 * (2 + low&7)
	case 1:
		return 1 + low&7
	default:
		return 4
	}
}

// appendLine appends the line without newline.
//
//	web.http.requests:1|c|@0.5|#endpoint:/cart,status:200
//	^^^^^^^^^^^^^^^^^^ head    ^^^^^^^^^^^^^^^^^^^^^^^^^^^ tail
func (d *draft) appendLine(dst []byte) []byte {
	s := d.series
	dst = append(dst, s.head...)
	if s.kind == protocol.KindSet {
		dst = append(dst, "user-"...)
		dst = strconv.AppendUint(dst, uint64(d.values[0]), 10)
	} else {
		for i, value := range d.values[:d.packed] {
			if i > 0 {
				dst = append(dst, ':')
			}
			dst = appendQuarters(dst, value)
		}
	}
	dst = append(dst, '|')
	dst = append(dst, s.kind.String()...)
	switch d.weight {
	case 10:
		dst = append(dst, "|@0.1"...)
	case 4:
		dst = append(dst, "|@0.25"...)
	case 2:
		dst = append(dst, "|@0.5"...)
	}
	return append(dst, s.tail...)
}

// appendQuarters appends quarters/4 as a decimal.
func appendQuarters(dst []byte, quarters uint32) []byte {
	dst = strconv.AppendUint(dst, uint64(quarters/4), 10)
	switch quarters % 4 {
	case 1:
		dst = append(dst, ".25"...)
	case 2:
		dst = append(dst, ".5"...)
	case 3:
		dst = append(dst, ".75"...)
	}
	return dst
}

// count adds the line to the totals of its series.
func (d *draft) count() {
	s := d.series
	s.samples += uint64(d.packed)
	if s.members != nil {
		s.members.add(d.values[0])
		return
	}
	for _, value := range d.values[:d.packed] {
		s.sum += uint64(value) * uint64(d.weight)
		s.last = value
	}
}
