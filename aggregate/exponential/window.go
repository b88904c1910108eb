package exponential

import (
	"sync/atomic"
)

// Window counts observations, and knows how they were distributed lately. It forgets one slice of its
// length at a time, so an observation counts for at least n-1 of its n slices. One goroutine writes it, any
// number read it by a Sum beside that.
type Window struct {
	count        atomic.Uint64 // of all time; written by the owner
	slices       []Histogram   // slice number n is at n modulo their number
	sliceSeconds uint32
}

// windowBuckets are the buckets of a slice. Their bounds are 1.09 % apart, so that the middle of one is at
// most 0.54 % from any value in it. The resolution is halved when a slice has more than 2048 of them:
// enough for all values within a factor of 2^32, and for any values that are fewer.
var windowBuckets = &Options{Schema: 6, MaxBuckets: 2048, ZeroThreshold: DefaultZeroThreshold}

// NewWindow returns an empty window of slices that are sliceSeconds long each; both numbers are at least 1.
func NewWindow(slices int, sliceSeconds uint32) *Window {
	return &Window{slices: make([]Histogram, slices), sliceSeconds: sliceSeconds}
}

// Observe counts value, which is no NaN, weight times. now is a time in seconds that does not go back.
func (w *Window) Observe(value float64, weight uint64, now uint32) {
	number := now / w.sliceSeconds
	h := &w.slices[number%uint32(len(w.slices))]
	l := h.current.Load()
	if l == nil || l.slice != number {
		l = newLayout(number, windowBuckets)
		h.current.Store(l)
	}
	l.shared.noteExtremes(value) // first: a reader that finds the value counted knows its extremes
	h.observe(l, value, weight, windowBuckets)
	w.count.Store(w.count.Load() + weight)
}

// Count returns how many observations there were in all time.
func (w *Window) Count() uint64 { return w.count.Load() }

// Restore makes w a window that has counted n observations and forgotten them. It is for an empty w.
func (w *Window) Restore(n uint64) { w.count.Store(n) }
