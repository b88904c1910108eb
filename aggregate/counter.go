package aggregate

import (
	"math"
	"sync/atomic"
)

// counter is the cell of a counter series: what one shard has added up.
type counter struct {
	link[counter]

	bits atomic.Uint64 // float64; written by the owning shard, read by scrapes
}

// add adds delta, finite and not negative, and reports whether the sum stayed finite; if not, nothing is
// added.
func (c *counter) add(delta float64) bool {
	sum := math.Float64frombits(c.bits.Load()) + delta
	if sum > math.MaxFloat64 {
		return false
	}
	c.bits.Store(math.Float64bits(sum))
	return true
}

// sumCounters merges the cells of a series.
func sumCounters(c *counter) float64 {
	sum := 0.0
	for ; c != nil; c = c.next {
		sum += math.Float64frombits(c.bits.Load())
	}
	return sum
}
