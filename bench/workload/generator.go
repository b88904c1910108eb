package workload

import (
	"math/rand/v2"

	"weir/protocol"
)

// Generator makes the lines of a Spec, one after the other, without end, and adds up what a scrape must
// show. It belongs to one goroutine.
type Generator struct {
	spec     Spec
	random   *rand.Rand
	families []family
	series   []series

	order []uint32 // of series; those before next were drawn in this round
	next  int
	draft draft // the line that comes next, when held
	held  bool
	sent  Count
}

// Count is a number of lines and of samples; a line with several values has as many samples.
type Count struct{ Lines, Samples uint64 }

// New returns the generator of spec, which must be valid. It renders every series up front: about a
// microsecond and 250 bytes for each.
func New(spec Spec) *Generator {
	if err := spec.Validate(); err != nil {
		panic("BUG: invalid workload: " + err.Error())
	}
	random := rand.New(rand.NewPCG(spec.Seed, 0))
	families := newFamilies(&spec, random)
	g := &Generator{
		spec: spec, random: random, families: families, series: newSeries(&spec, families),
		order: make([]uint32, spec.Series),
	}
	for i := range g.order {
		g.order[i] = uint32(i)
	}
	return g
}

// AppendLine appends the next line, without newline.
func (g *Generator) AppendLine(dst []byte) []byte {
	g.hold()
	dst = g.draft.appendLine(dst)
	g.commit()
	return dst
}

// AppendDatagram appends a datagram of the next lines, joined by newlines, with none at the end: as many as
// fit in maxBytes, and at most so many as lines says. It has at least one line, even one that does not fit.
func (g *Generator) AppendDatagram(dst []byte, lines, maxBytes int) []byte {
	start := len(dst)
	dst = g.AppendLine(dst)
	for n := 1; n < lines; n++ {
		end := len(dst)
		g.hold()
		dst = g.draft.appendLine(append(dst, '\n'))
		if len(dst)-start > maxBytes {
			return dst[:end] // the line is held: it begins the next datagram
		}
		g.commit()
	}
	return dst
}

// Count returns how many lines and samples were generated so far.
func (g *Generator) Count() Count { return g.sent }

// hold draws the next line unless it was drawn before.
func (g *Generator) hold() {
	if !g.held {
		g.draft.draw(g.drawSeries(), g)
		g.held = true
	}
}

// commit counts the line that is held as sent.
func (g *Generator) commit() {
	g.draft.count()
	g.sent.Lines++
	g.sent.Samples += uint64(g.draft.packed)
	g.held = false
}

// drawSeries returns the next series of a random order that has each once, and then of another: the shuffle
// of Fisher and Yates, a step at a time.
func (g *Generator) drawSeries() *series {
	if g.next == len(g.order) {
		g.next = 0
	}
	i := g.next
	j := i + g.random.IntN(len(g.order)-i)
	g.order[i], g.order[j] = g.order[j], g.order[i]
	g.next++
	return &g.series[g.order[i]]
}

// chance is true with probability share.
func (g *Generator) chance(share float64) bool { return share > 0 && g.random.Float64() < share }

// drawWeight returns 1/rate of a line.
func (g *Generator) drawWeight(kind protocol.Kind) uint32 {
	if kind != protocol.KindCounter || !g.chance(g.spec.SampledShare) {
		return 1
	}
	switch g.random.Uint32N(4) {
	case 0:
		return 10
	case 1:
		return 4
	default:
		return 2
	}
}

// drawPacked returns how many values a line has.
func (g *Generator) drawPacked(kind protocol.Kind) int {
	if kind == protocol.KindGauge || kind == protocol.KindSet || !g.chance(g.spec.PackedShare) {
		return 1
	}
	return 2 + g.random.IntN(maxPacked-1)
}
