package expose

import (
	"math"

	"weir/aggregate"
)

// reader reads the values of series, each once, and keeps them as words: a page is rendered from those words,
// or not at all when they are what they were. (A series is read once in a scrape: what newborn counters show
// depends on it.) It belongs to one goroutine.
type reader struct {
	ahead        aggregate.LookAhead
	words        words
	native       bool // native buckets are wanted
	observations aggregate.Observations
	exemplars    exemplars // of what was read
	last         int       // where the words of the last series begin
}

// words are values in the order in which a syntax takes them:
//
//	counter, gauge  value
//	summary         sum, count, quantiles...
//	histogram       sum, cumulative counts of the classic buckets..., that of +Inf
//	  and native    schema, zero threshold, zero count, count, positive buckets, negative buckets
//	  buckets       first index, how many, counts...
//
// Floats are there as their bits.
type words []uint64

// next takes one word off.
func (w *words) next() uint64 {
	word := (*w)[0]
	*w = (*w)[1:]
	return word
}

// float takes one word off, which is a float.
func (w *words) float() float64 { return math.Float64frombits(w.next()) }

// take takes n words off.
func (w *words) take(n int) []uint64 {
	taken := (*w)[:n]
	*w = (*w)[n:]
	return taken
}

func (w *words) putFloat(v float64) { *w = append(*w, math.Float64bits(v)) }

// begin forgets what was read.
func (r *reader) begin() { r.words, r.exemplars.read = r.words[:0], r.exemplars.read[:0] }

// fold returns a number that changes when what was read does, but for one time in 2^64.
func (r *reader) fold() uint64 { return r.exemplars.fold(r.words.fold()) }

// mark returns a number that changes when a value of the series that was read last does, but for one time
// in 256.
func (r *reader) mark() uint8 {
	w := r.words[r.last:]
	return uint8(w.fold() >> 56)
}

// read adds the values of a series, and its exemplars.
func (r *reader) read(f *family, s *aggregate.Series) {
	o, start := &r.observations, len(r.words)
	r.last = start
	switch f.Type() {
	case aggregate.TypeHistogram:
		s.Observe(o)
		r.words.putFloat(o.Sum)
		r.words = append(r.words, o.Buckets...)
		if r.native && f.HasNative() {
			r.addNative(f.Family)
		}
	case aggregate.TypeSummary:
		s.Observe(o)
		r.words.putFloat(o.Sum)
		r.words = append(r.words, o.Count)
		for _, q := range o.Quantiles {
			r.words.putFloat(q)
		}
	default:
		r.words.putFloat(s.Value())
	}
	r.exemplars.add(f, s, r.words[start:])
}

func (r *reader) addNative(f *aggregate.Family) {
	n, _ := r.observations.Native(f)
	r.words = append(r.words, uint64(n.Schema))
	r.words.putFloat(n.ZeroThreshold)
	r.words = append(r.words, n.ZeroCount, n.Count, uint64(n.PositiveFirst), uint64(len(n.Positive)))
	r.words = append(r.words, n.Positive...)
	r.words = append(r.words, uint64(n.NegativeFirst), uint64(len(n.Negative)))
	r.words = append(r.words, n.Negative...)
}
