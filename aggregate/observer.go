package aggregate

import (
	"math"
	"sync/atomic"

	"weir/aggregate/exponential"
)

// observer is the cell of a histogram or a summary: what one shard has observed. Which of its parts there
// are is for the aggregation to say.
//
// A count of all observations of a histogram is not kept: it is the sum of the buckets, so that a scrape
// beside the writer never shows a count that differs from its +Inf bucket.
type observer struct {
	link[observer]

	aggregation *aggregation
	sum         atomic.Uint64          // float64; written by the owning shard, read by scrapes
	buckets     []atomic.Uint64        // of a classic histogram, one more than bounds: +Inf; the same
	native      *exponential.Histogram // of a native histogram
	window      *exponential.Window    // of a summary
}

func newObserver(t *aggregation) *observer {
	o := &observer{aggregation: t}
	switch {
	case t.observations == cellSummary:
		o.window = exponential.NewWindow(t.window.slices, t.window.sliceSeconds)
		return o
	case t.native != nil:
		o.native = &exponential.Histogram{}
	}
	if t.bounds != nil {
		o.buckets = make([]atomic.Uint64, len(t.bounds)+1)
	}
	return o
}

// observe counts value weight times and reports whether the sum stayed a number; if not (+Inf meets -Inf),
// nothing is counted.
func (o *observer) observe(value float64, weight uint64, now uint32) bool {
	sum := math.Float64frombits(o.sum.Load()) + value*float64(weight)
	if math.IsNaN(sum) {
		return false
	}
	if o.buckets != nil {
		b := &o.buckets[bucketOf(o.aggregation.bounds, value)]
		b.Store(b.Load() + weight)
	}
	if o.native != nil {
		o.native.Observe(value, weight, o.aggregation.native)
	}
	if o.window != nil {
		o.window.Observe(value, weight, now)
	}
	o.sum.Store(math.Float64bits(sum))
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

// Observations are what a histogram or a summary has observed, merged over all shards. One value can read any
// number of series, one after the other; it belongs to one goroutine.
type Observations struct {
	// Sum is the sum of all observations.
	Sum float64
	// Count is how many there are.
	Count uint64
	// Buckets are the cumulative counts of a histogram's classic buckets, one more than Family.Bounds: the
	// last is that of +Inf, which equals Count. A histogram without bounds has only that.
	Buckets []uint64
	// Quantiles are the values of Family.Quantiles within the window of a summary; NaN when nothing was
	// observed in it.
	Quantiles []float64

	exponential exponential.Sum // native buckets, or the window of a summary
}

// readHistogram fills o from the cells of a histogram.
func (o *Observations) readHistogram(first *observer, t *aggregation) {
	o.Quantiles = o.Quantiles[:0]
	o.Buckets = append(o.Buckets[:0], make([]uint64, len(t.bounds)+1)...)
	o.Sum = 0
	o.exponential.Reset()
	for c := first; c != nil; c = c.next {
		o.Sum += math.Float64frombits(c.sum.Load())
		for i := range c.buckets {
			o.Buckets[i] += c.buckets[i].Load()
		}
		if c.native != nil {
			o.exponential.Add(c.native)
		}
	}
	if t.bounds == nil {
		o.Buckets[0] = o.exponential.Total()
	}
	for i := 1; i < len(o.Buckets); i++ {
		o.Buckets[i] += o.Buckets[i-1]
	}
	o.Count = o.Buckets[len(o.Buckets)-1]
}

// readSummary fills o from the cells of a summary.
func (o *Observations) readSummary(first *observer, t *aggregation, now uint32) {
	o.Buckets, o.Quantiles = o.Buckets[:0], o.Quantiles[:0]
	o.Sum, o.Count = 0, 0
	o.exponential.Reset()
	for c := first; c != nil; c = c.next {
		o.Sum += math.Float64frombits(c.sum.Load())
		o.Count += c.window.Count()
		o.exponential.AddWindow(c.window, now)
	}
	for _, q := range t.window.quantiles {
		o.Quantiles = append(o.Quantiles, o.exponential.Quantile(q))
	}
}

// clear makes o the observations of a series at its creation: all but the quantiles.
func (o *Observations) clear() {
	o.Sum, o.Count = 0, 0
	o.exponential.Reset()
	clear(o.Buckets)
}

// Native returns the exponential buckets of the series that was read last, valid until the next read, and false
// when its family has none (see Family.HasNative). It is a separate step since text cannot carry them.
func (o *Observations) Native(f *Family) (exponential.Buckets, bool) {
	if f.aggregation.native == nil {
		return exponential.Buckets{}, false
	}
	return o.exponential.Buckets(f.aggregation.native.MaxBuckets), true
}
