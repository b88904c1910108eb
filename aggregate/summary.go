package aggregate

import (
	"math"
	"sync/atomic"
)

// window is what one shard has observed for a summary: how much ever, and how it was distributed of late. It
// forgets one slice of its length at a time, so that an observation counts for all of it but one slice, to
// all of it.
type window struct {
	count  atomic.Uint64 // of all time; written by the owning shard, read by scrapes
	slices []exponential // slice number n is in n modulo their number
}

// summaryBuckets are the buckets of a slice. Their bounds are 1.09 % apart, so that the middle of one is at
// most 0.54 % from any value in it. When values spread over more than 32 octaves the resolution is halved.
var summaryBuckets = &nativeOptions{schema: 6, maxBuckets: math.MaxInt, zeroThreshold: defaultZeroThreshold}

func newWindow(o *summaryOptions) *window { return &window{slices: make([]exponential, o.slices)} }

func (w *window) observe(value float64, weight uint64, o *summaryOptions, now uint32) {
	number := now / o.sliceSeconds
	w.slices[number%uint32(len(w.slices))].observe(value, weight, summaryBuckets, number)
	w.count.Store(w.count.Load() + weight)
}

// appendLayouts appends what is within the window.
func (w *window) appendLayouts(dst []*layout, o *summaryOptions, now uint32) []*layout {
	number := now / o.sliceSeconds
	for i := range w.slices {
		if l := w.slices[i].current.Load(); l != nil && l.slice+uint32(len(w.slices)) > number {
			dst = append(dst, l)
		}
	}
	return dst
}
