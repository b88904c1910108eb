package aggregate

import (
	"math"
	"math/bits"

	"weir/aggregate/exponential"
)

// Values are what series had when they were read, merged over all shards: the form in which ways out compare,
// render and hand on values. The zero value is ready. It keeps its memory between reads and belongs to one
// goroutine.
type Values struct {
	// Native says whether the native buckets of histograms are read.
	Native bool
	// CreatedAsZero says whether series are read as 0, as scrapes want it, while Series.IsCreatedAsZero.
	CreatedAsZero bool

	runs  []Run
	words Words
	ends  []int // where the words of each series end
	zeros bool  // a series was read as 0

	prefetcher   prefetcher
	observations Observations
}

// Run is series of one family, one after the other.
type Run struct {
	Family *Family
	Series []*Series
}

// Words are the values of series as 64-bit words. Floats are there as their bits. Of each series:
//
//	counter, gauge  value
//	summary         sum, count, quantiles...
//	histogram       sum, cumulative counts of the classic buckets..., that of +Inf
//	  and native    schema, zero threshold, zero count, count, positive buckets, negative buckets
//	  buckets       how many, index and count of each...
type Words []uint64

// Next takes one word off.
func (w *Words) Next() uint64 {
	word := (*w)[0]
	*w = (*w)[1:]
	return word
}

// Float takes one word off that is a float.
func (w *Words) Float() float64 { return math.Float64frombits(w.Next()) }

// Take takes n words off. They are a view.
func (w *Words) Take(n int) Words {
	taken := (*w)[:n]
	*w = (*w)[n:]
	return taken
}

func (w *Words) putFloat(v float64) { *w = append(*w, math.Float64bits(v)) }

// Fingerprint returns a number that differs for other words, except one time in 2^64.
func (w *Words) Fingerprint() uint64 {
	h := uint64(len(*w))
	for _, word := range *w {
		h = Mix(h, word)
	}
	return h
}

// Mix returns a number that changes when one of its arguments does: a step of a fingerprint.
func Mix(h, word uint64) uint64 {
	const odd = 0x9e3779b97f4a7c15 // the golden ratio
	high, low := bits.Mul64(h^word, odd)
	return bits.RotateLeft64(h, 23) + (high ^ low)
}

// Reset forgets the series that were read.
func (v *Values) Reset() {
	v.runs, v.words, v.ends, v.zeros = v.runs[:0], v.words[:0], v.ends[:0], false
}

// HasZeros reports whether a series was read as 0 since the last Reset, because it is created as zero. Then
// equal words do not say that no line came in between, and Registry.Offered wants to be called again.
func (v *Values) HasZeros() bool { return v.zeros }

// Read reads series of a family and adds their values. It reads each series once, and keeps the slice.
func (v *Values) Read(f *Family, series []*Series) {
	v.runs = append(v.runs, Run{f, series})
	for rest := series; len(rest) > 0; {
		near := rest[:min(len(rest), prefetchSize)]
		rest = rest[len(near):]
		v.prefetcher.load(f, near)
		for _, s := range near {
			v.read(f, s)
			v.ends = append(v.ends, len(v.words))
		}
	}
}

// read adds the words of a series.
func (v *Values) read(f *Family, s *Series) {
	o := &v.observations
	isZero := v.CreatedAsZero && s.IsCreatedAsZero()
	v.zeros = v.zeros || isZero
	switch f.Type() {
	case TypeHistogram:
		s.Observe(o)
		if isZero {
			o.clear()
		}
		v.words.putFloat(o.Sum)
		v.words = append(v.words, o.Buckets...)
		if v.Native && f.HasNative() {
			v.readNative(f)
		}
	case TypeSummary:
		s.Observe(o)
		if isZero {
			o.clear()
		}
		v.words.putFloat(o.Sum)
		v.words = append(v.words, o.Count)
		for _, q := range o.Quantiles {
			v.words.putFloat(q)
		}
	default:
		value := 0.0
		if !isZero {
			value = s.Value()
		}
		v.words.putFloat(value)
	}
}

func (v *Values) readNative(f *Family) {
	n, _ := v.observations.Native(f)
	v.words = append(v.words, uint64(n.Schema))
	v.words.putFloat(n.ZeroThreshold)
	v.words = append(v.words, n.ZeroCount, n.Count)
	v.putBuckets(n.Positive)
	v.putBuckets(n.Negative)
}

func (v *Values) putBuckets(buckets []exponential.Bucket) {
	v.words = append(v.words, uint64(len(buckets)))
	for _, b := range buckets {
		v.words = append(v.words, uint64(b.Index), b.Count)
	}
}

// Runs returns the series that were read since the last Reset, in order. They are valid until the next Reset.
func (v *Values) Runs() []Run { return v.runs }

// Len returns how many series were read since the last Reset.
func (v *Values) Len() int { return len(v.ends) }

// Words returns the words of all series, one after the other. They are valid until the next call of Reset.
func (v *Values) Words() Words { return v.words }

// Of returns the words of the series that was read as the i-th since the last Reset, from 0.
func (v *Values) Of(i int) Words {
	start := 0
	if i > 0 {
		start = v.ends[i-1]
	}
	return v.words[start:v.ends[i]]
}

// Observations are the observations of a histogram or a summary, merged over all shards. One value can read
// any number of series, one after the other; it belongs to one goroutine.
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
	o.readTotals(first)
	o.exponential.Reset()
	for c := first; c != nil; c = c.next {
		o.exponential.AddWindow(c.window, now)
	}
	for _, q := range t.window.quantiles {
		o.Quantiles = append(o.Quantiles, o.exponential.Quantile(q))
	}
}

// readTotals fills o with the sum and the count of a summary.
func (o *Observations) readTotals(first *observer) {
	o.Sum, o.Count = 0, 0
	for c := first; c != nil; c = c.next {
		o.Sum += math.Float64frombits(c.sum.Load())
		o.Count += c.window.Count()
	}
}

// clear makes o the observations of a series at its creation: all but the quantiles.
func (o *Observations) clear() {
	o.Sum, o.Count = 0, 0
	o.exponential.Reset()
	clear(o.Buckets)
}

// Native returns the exponential buckets of the series that was read last, valid until the next read, and
// false when its family has none (see Family.HasNative). It is a separate step since text cannot carry
// them.
func (o *Observations) Native(f *Family) (exponential.Buckets, bool) {
	if f.aggregation.native == nil {
		return exponential.Buckets{}, false
	}
	return o.exponential.Buckets(f.aggregation.native.MaxBuckets), true
}

// prefetchSize is the most series that a prefetcher takes at a time.
const prefetchSize = 32

// prefetcher loads what reading many series will need. A read waits for memory several times: for the Series,
// its cell, the buckets. Each wait needs the result of the one before, but the reads of neighbours do not
// depend on each other, so they wait together. It belongs to one goroutine.
type prefetcher struct {
	counters  [prefetchSize]*counter
	observers [prefetchSize]*observer
	loaded    uint64 // what was loaded, so that the compiler keeps the loads
}

// load loads what Values.read will need of at most prefetchSize series of family f: in short loops, each of
// which makes all its loads before it waits for the first.
func (p *prefetcher) load(f *Family, series []*Series) {
	switch f.cellKind {
	case cellCounter:
		for i, s := range series {
			p.counters[i] = s.counters.Load()
		}
		for _, c := range p.counters[:len(series)] {
			if c != nil {
				p.loaded += c.bits.Load()
			}
		}
	case cellHistogram, cellSummary:
		for i, s := range series {
			p.observers[i] = s.observers.Load()
		}
		for _, o := range p.observers[:len(series)] {
			if o != nil {
				p.loaded += o.sum.Load()
			}
		}
		for _, o := range p.observers[:len(series)] {
			if o != nil && len(o.buckets) > 0 {
				p.loaded += o.buckets[0].Load()
			}
		}
	default:
		for _, s := range series {
			p.loaded += s.gauge.bits.Load()
		}
	}
}
