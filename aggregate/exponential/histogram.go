package exponential

import (
	"fmt"
	"math"
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
}

// Observe counts value, which is no NaN, weight times. It allocates when the buckets change, otherwise
// nothing. All calls need equal options.
func (h *Histogram) Observe(value float64, weight uint64, o *Options) { h.observe(value, weight, o, 0) }

// observe is Observe in a slice of a window: another slice begins empty. Outside a window it is 0.
func (h *Histogram) observe(value float64, weight uint64, o *Options, slice uint32) {
	l := h.current.Load()
	if l == nil || l.slice != slice {
		l = &layout{slice: slice, schema: o.Schema, zeroThreshold: o.ZeroThreshold, zero: new(atomic.Uint64)}
		h.current.Store(l)
	}
	if math.Abs(value) <= l.zeroThreshold {
		l.zero.Store(l.zero.Load() + weight)
		return
	}
	count := l.bucket(value)
	for count == nil { // Slow path: the buckets must reach further.
		l = l.reaching(value)
		h.current.Store(l)
		count = l.bucket(value)
	}
	before := count.Load()
	count.Store(before + weight)
	if before != 0 {
		return
	}
	l.populated++
	if l.populated > o.MaxBuckets {
		h.current.Store(l.limited(o))
	}
}

// Restore makes h the buckets that a Sum had. It is for an empty h that nobody reads yet. The error says that
// no Sum has such buckets.
func (h *Histogram) Restore(b *Buckets) error {
	if b.Schema < minSchema || b.Schema > maxSchema {
		return fmt.Errorf("schema %d", b.Schema)
	}
	l := &layout{schema: b.Schema, zeroThreshold: b.ZeroThreshold, zero: new(atomic.Uint64)}
	l.zero.Store(b.ZeroCount)
	l.positive, l.negative = newSpan(b.PositiveFirst, b.Positive), newSpan(b.NegativeFirst, b.Negative)
	l.recount()
	h.current.Store(l)
	return nil
}
