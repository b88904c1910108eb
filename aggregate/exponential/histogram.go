package exponential

import (
	"fmt"
	"sync/atomic"
)

// Options shape the buckets of a Histogram.
type Options struct {
	// Schema says how fine the buckets are at first: -4 to 8. See SchemaOf.
	Schema int
	// MaxBuckets is the most populated buckets, at least 1.
	MaxBuckets int
	// ZeroThreshold is the absolute value up to which observations are in the zero bucket at first.
	ZeroThreshold float64
	// MaxZeroThreshold is the most that it may be widened to.
	MaxZeroThreshold float64
}

// DefaultZeroThreshold is 2^-128, which Prometheus's client libraries use.
const DefaultZeroThreshold = 2.938735877055719e-39

// Histogram counts observations in exponential buckets. One goroutine writes it, any number read it by a Sum
// beside that. The zero value is empty.
type Histogram struct {
	current atomic.Pointer[layout] // nil while nothing was observed; written by the owner

	// coarsening is how many schemas below the finest a Sum has shown the histogram at, when there were too
	// many buckets only in the sum. Written by readers; it only grows.
	coarsening atomic.Int32
}

// Observe counts value, which is no NaN, weight times, and returns how often that reduced the resolution. It
// allocates when the buckets change, otherwise nothing. All calls need equal options.
//
// Buckets are reduced one step an observation, as in Prometheus's client libraries: so there may be a few
// more than MaxBuckets for a moment, and there are always when even the coarsest schema has more.
func (h *Histogram) Observe(value float64, weight uint64, o *Options) (reductions int) {
	l := h.current.Load()
	if l == nil {
		l = newLayout(0, o)
		h.current.Store(l)
	}
	return h.observe(l, value, weight, o)
}

// observe is Observe in the current layout.
func (h *Histogram) observe(l *layout, value float64, weight uint64, o *Options) (reductions int) {
	if !l.add(value, weight) { // Slow path: a bucket is new, and there is no room for it.
		l = l.grown(value)
		l.add(value, weight)
		h.current.Store(l)
	}
	if l.populated() <= o.MaxBuckets || l.populated() == l.irreducible {
		return 0
	}
	for uint64(reductions) < weight && l.populated() > o.MaxBuckets { // Slow path: there are too many.
		reduced := l.reduced(o)
		if reduced == nil {
			l.irreducible = l.populated()
			break
		}
		l = reduced
		reductions++
	}
	h.current.Store(l)
	return reductions
}

// IsReduced reports whether the resolution is less than at first, because there were too many buckets.
func (h *Histogram) IsReduced(o *Options) bool {
	l := h.current.Load()
	return l != nil && (l.schema < o.Schema || l.zeroThreshold > o.ZeroThreshold)
}

// Restore makes h the buckets that a Sum had. It is for an empty h that nobody reads yet. The error says that
// no Sum has such buckets.
func (h *Histogram) Restore(b *Buckets) error {
	if b.Schema < minSchema || b.Schema > maxSchema {
		return fmt.Errorf("schema %d", b.Schema)
	}
	for _, buckets := range [][]Bucket{b.Positive, b.Negative} {
		for i, bucket := range buckets {
			if bucket.Count == 0 || bucket.Index <= -indexBias || bucket.Index >= indexBias ||
				i > 0 && bucket.Index <= buckets[i-1].Index {
				return fmt.Errorf("bucket %d has index %d and count %d", i, bucket.Index, bucket.Count)
			}
		}
	}
	l := newLayout(0, &Options{Schema: b.Schema, ZeroThreshold: b.ZeroThreshold})
	l.shared.zero.Store(b.ZeroCount)
	l.positive, l.negative = tableOf(b.Positive, 0), tableOf(b.Negative, 0)
	h.current.Store(l)
	return nil
}
