package aggregate

import (
	"math"
	"sync/atomic"
)

// histogram is the cell of a histogram series: what one shard has observed. A count of all observations is
// not kept: it is the sum of the buckets, so that a scrape beside the writer never shows a count that
// differs from its +Inf bucket.
type histogram struct {
	link[histogram]

	bounds  []float64       // upper bounds, rising, without +Inf; shared by the family
	buckets []atomic.Uint64 // one more than bounds: +Inf; written by the owning shard, read by scrapes
	sum     atomic.Uint64   // float64; the same
}

func newHistogram(bounds []float64) *histogram {
	return &histogram{bounds: bounds, buckets: make([]atomic.Uint64, len(bounds)+1)}
}

// observe counts value weight times and reports whether the sum stayed a number; if not (+Inf meets -Inf),
// nothing is counted.
func (h *histogram) observe(value float64, weight uint64) bool {
	sum := math.Float64frombits(h.sum.Load()) + value*float64(weight)
	if math.IsNaN(sum) {
		return false
	}
	b := &h.buckets[bucketOf(h.bounds, value)]
	b.Store(b.Load() + weight)
	h.sum.Store(math.Float64bits(sum))
	return true
}

// bucketOf returns the index of the first bound that is at least value, len(bounds) when there is none.
func bucketOf(bounds []float64, value float64) int {
	low, high := 0, len(bounds)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if bounds[middle] < value {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// mergeHistograms fills counts, one longer than the bounds, with cumulative counts over the cells of a
// series, and returns the sum of the observations.
func mergeHistograms(h *histogram, counts []uint64) float64 {
	clear(counts)
	sum := 0.0
	for ; h != nil; h = h.next {
		sum += math.Float64frombits(h.sum.Load())
		for i := range h.buckets {
			counts[i] += h.buckets[i].Load()
		}
	}
	for i := 1; i < len(counts); i++ {
		counts[i] += counts[i-1]
	}
	return sum
}
