package aggregate

import (
	"math"
	"math/bits"
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

	prefetch     Prefetch
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
//	  buckets       first index, how many, counts...
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

// Reset forgets what was read.
func (v *Values) Reset() { v.runs, v.words, v.ends = v.runs[:0], v.words[:0], v.ends[:0] }

// Read reads series of a family and adds their values. It reads each series once, and keeps the slice.
func (v *Values) Read(f *Family, series []*Series) {
	v.runs = append(v.runs, Run{f, series})
	for rest := series; len(rest) > 0; {
		near := rest[:min(len(rest), PrefetchSize)]
		rest = rest[len(near):]
		v.prefetch.Load(f, near)
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
	v.words = append(v.words, n.ZeroCount, n.Count, uint64(n.PositiveFirst), uint64(len(n.Positive)))
	v.words = append(v.words, n.Positive...)
	v.words = append(v.words, uint64(n.NegativeFirst), uint64(len(n.Negative)))
	v.words = append(v.words, n.Negative...)
}

// Runs returns what was read since the last Reset, in order. It is valid until the next call of Reset.
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

// Offered tells the registry that these values are about to leave the process, in a scrape or a push. A way
// out calls it with all that it has read, before the first byte made of it leaves; it need not call it again
// for values that it has offered before. Today the registry keeps no account of it.
func (*Registry) Offered(*Values) {}
