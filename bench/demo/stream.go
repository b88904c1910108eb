package main

import (
	"weir/bench/load/sender"
	"weir/bench/process"
	"weir/bench/workload"
)

const (
	linesPerDatagram = 20
	maxDatagram      = 1432 // what clients pack for Ethernet
)

// malformed is a line that weir must reject.
type malformed struct{ line, reason string }

// malformedLines returns one line for each reason, each named like a family that exists.
func malformedLines() []malformed {
	return []malformed{
		{"this is not a line", "malformed_line"},
		{":1|c", "empty_name"},
		{"cache.hits:1", "missing_type"},
		{"cache.hits:1|q", "unknown_type"},
		{"cache.hits:many|c", "bad_value"},
		{"cache.hits:1|c|@2", "bad_rate"},
		{"cache.hits:-1|c", "negative_counter"},
	}
}

// stream is what is sent, and what weir should expose after it.
type stream struct {
	ring     sender.Ring // sent once
	samples  uint64      // of ring
	recorded uint64      // of samples: all except the malformed ones
	series   uint64
	rejected map[string]uint64          // by reason
	families map[string]workload.Family // by name in the exposition
}

// newStream makes datagrams with so many lines of spec, and spreads malformed lines among them.
func newStream(spec workload.Spec, lines uint64) *stream {
	s := &stream{rejected: make(map[string]uint64)}
	g := workload.New(spec)
	bad := malformedLines()
	left := func(end uint64) int { return int(min(linesPerDatagram, end-g.Count().Lines)) }
	for i, m := range bad {
		end := lines * uint64(i+1) / uint64(len(bad))
		s.appendWith(m, g, left(end))
		for g.Count().Lines < end {
			s.ring.Generate(g, left(end), maxDatagram)
		}
	}
	for _, m := range bad {
		s.samples += s.rejected[m.reason]
	}
	s.recorded = g.Count().Samples
	s.samples += s.recorded
	s.families = g.Expected()
	for _, family := range s.families {
		s.series += uint64(len(family.Series))
	}
	return s
}

// appendWith adds a datagram with so many lines of g and a malformed line. The malformed line is the second
// of several, because its neighbours must not suffer.
func (s *stream) appendWith(m malformed, g *workload.Generator, lines int) {
	before := g.Count()
	var datagram []byte
	if lines > 0 {
		datagram = append(g.AppendLine(nil), '\n')
	}
	datagram = append(datagram, m.line...)
	if lines > 1 {
		datagram = append(datagram, '\n')
		datagram = g.AppendDatagram(datagram, lines-1, maxDatagram-len(datagram))
	}
	after := g.Count()
	s.ring.Append(datagram, after.Lines-before.Lines+1, after.Samples-before.Samples+1)
	s.rejected[m.reason]++
}

// arrived reports whether weir has received all samples, or the kernel dropped the missing ones.
func (s *stream) arrived(scraped process.Families) bool {
	datagrams := scraped.Sum("weir_datagrams_received_total") + scraped.Sum("weir_kernel_drops_total")
	return scraped.Sum("weir_samples_received_total") >= float64(s.samples) ||
		datagrams >= float64(s.ring.Len()) && scraped.Sum("weir_kernel_drops_total") > 0
}
