package aggregate

import (
	"math"
	"sync/atomic"
)

// gauge is the one word of a gauge series, written by every shard: a set by any loop replaces it, a move
// adds to it.
type gauge struct {
	bits atomic.Uint64 // float64; written by any shard, read by scrapes
}

func (g *gauge) set(value float64) { g.bits.Store(math.Float64bits(value)) }

// move adds delta and reports whether the result is a number; if not (+Inf meets -Inf), the gauge stays.
func (g *gauge) move(delta float64) bool {
	for {
		old := g.bits.Load()
		sum := math.Float64frombits(old) + delta
		if math.IsNaN(sum) {
			return false
		}
		if g.bits.CompareAndSwap(old, math.Float64bits(sum)) {
			return true
		}
	}
}

func (g *gauge) value() float64 { return math.Float64frombits(g.bits.Load()) }
