package prw

import (
	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/point"
)

// Version is a version of the protocol.
type Version uint8

// The versions.
const (
	Version1 Version = iota // 1.0: legacy names, and metadata apart from series
	Version2                // 2.0: names as they were sent, start timestamps, metadata in each series
)

// String returns the version as the specification has it.
func (v Version) String() string {
	if v == Version2 {
		return "2.0"
	}
	return "1.0"
}

// Encoder makes requests out of series. It keeps its memory between requests and belongs to one goroutine.
type Encoder struct {
	request  request
	metadata []byte // of a request of 1.0
	number   int    // of the request

	plain     order // of counters, gauges and native histograms
	buckets   order // of classic histograms
	quantiles order // of summaries

	bucketBounds, quantileBounds boundCache

	noWords aggregate.Words // of a series that is not read
}

// NewEncoder returns an encoder of a version of the protocol. Every series gets the external labels. Those
// called __name__, le and quantile are left out.
func NewEncoder(version Version, external label.Labels) *Encoder {
	e := &Encoder{
		plain:          newOrder(external),
		buckets:        newOrder(external, bucketLabel),
		quantiles:      newOrder(external, quantileLabel),
		bucketBounds:   boundCache{name: bucketLabel},
		quantileBounds: boundCache{name: quantileLabel},
	}
	e.request.writer = writer{version: version, symbols: newSymbols()}
	e.Reset()
	return e
}

// Reset begins the next request.
func (e *Encoder) Reset() {
	e.request.reset()
	e.metadata = e.metadata[:0]
	e.number++
	for _, o := range []order{e.plain, e.buckets, e.quantiles} {
		o.encode(&e.request.writer)
	}
}

// Samples returns how many samples were added since the last Reset: floats and native histograms.
func (e *Encoder) Samples() int { return e.request.samples }

// AppendTo appends the request, not compressed.
func (e *Encoder) AppendTo(dst []byte) []byte {
	if e.request.writer.version == Version2 {
		dst = append(dst, e.request.writer.symbols.fields...)
	}
	return append(append(dst, e.request.series...), e.metadata...)
}

// AddMetadata adds type, help and unit of a family to a request of 1.0. In 2.0 they are in every series, and
// it does nothing.
func (e *Encoder) AddMetadata(f *aggregate.Family) {
	if e.request.writer.version == Version1 {
		e.metadata = appendMetadata(e.metadata, f.Name(), typeOf(f.Type()), f.Help(), point.UnitOf(f.Name()))
	}
}

// Add adds the float samples of a series: a value, or of a histogram its classic buckets, sum and count, or
// of a summary quantiles, sum and count. Its words w are those of aggregate.Words, native ones too, or nil
// when p wants no value that was read. There is an exemplar, or nil, for each place of the family, or none.
//
// Only what counts something has a zero: gauges and quantiles have none.
func (e *Encoder) Add(
	f *aggregate.Family, s *aggregate.Series, w aggregate.Words, all []*aggregate.Exemplar, p point.Point,
) {
	r := &e.request
	if p.What == point.Zero && f.Type() == aggregate.TypeGauge || point.SamplesOf(f) == 0 {
		return
	}
	if p.What != point.Value {
		w, all = e.wordsOf(f, p), nil
	}
	switch f.Type() {
	case aggregate.TypeHistogram:
		e.begin(f, s, e.buckets, p)
		e.addBuckets(f, w, all)
	case aggregate.TypeSummary:
		e.begin(f, s, e.quantiles, p)
		e.addQuantiles(f, w)
	case aggregate.TypeCounter:
		e.begin(f, s, e.plain, p)
		r.addFloat(r.family.base, nil, w.Float(), r.times, at(all, 0))
	default:
		e.begin(f, s, e.plain, p)
		r.addFloat(r.family.base, nil, w.Float(), r.time, nil)
	}
}

// AddNative adds the native histogram of a series, for a family with HasNative, with its newest exemplar. The
// arguments are those of Add.
func (e *Encoder) AddNative(
	f *aggregate.Family, s *aggregate.Series, w aggregate.Words, all []*aggregate.Exemplar, p point.Point,
) {
	if p.What != point.Value {
		w, all = e.wordsOf(f, p), nil
	}
	e.begin(f, s, e.plain, p)
	sum := p.Float(w.Float())
	w.Take(len(f.Bounds()) + 1)
	e.request.addHistogram(sum, w, all)
}

// begin makes a series of a family the one at hand.
func (e *Encoder) begin(f *aggregate.Family, s *aggregate.Series, o order, p point.Point) {
	r := &e.request
	name, labels := f.Name(), s.Labels()
	if r.writer.version == Version2 {
		name, labels = f.UTF8Name(), s.UTF8Labels()
	}
	if f != r.family.of || name != r.family.name {
		r.family.of = f
		r.family.begin(&r.writer, name, typeOf(f.Type()), f.Help(), point.UnitOf(name))
	}
	r.setPoint(p)
	r.labels.make(&r.writer, labels, o)
}

// wordsOf returns the words of a series of a family that is not read.
func (e *Encoder) wordsOf(f *aggregate.Family, p point.Point) aggregate.Words {
	const most = 2 + 1 + wordBuckets + 2 // without bounds and quantiles
	n := most + len(f.Bounds()) + len(f.Quantiles())
	if n > len(e.noWords) {
		e.noWords = make(aggregate.Words, n)
	}
	clear(e.noWords)
	if f.HasNative() && p.What == point.Zero {
		e.noWords[2+len(f.Bounds())+wordSchema] = finestSchema
	}
	return e.noWords
}

// addBuckets adds the classic buckets of a histogram, its sum and its count. Its classic and native buckets
// are read one after the other, beside the writers, and may differ by samples that came between. The classic
// ones are cut to the count of the native ones, as in an exposition.
func (e *Encoder) addBuckets(f *aggregate.Family, w aggregate.Words, all []*aggregate.Exemplar) {
	r := &e.request
	bounds := e.bucketBounds.of(&r.writer, f.Bounds(), e.number)
	sum, cumulative := w.Float(), w.Take(len(f.Bounds())+1)
	count := cumulative[len(f.Bounds())]
	if f.HasNative() {
		count = w[wordCount]
	}
	cumulative = cumulative[:len(f.Bounds())]
	for i, n := range cumulative {
		r.addFloat(r.family.bucket, bounds.at(i), float64(min(n, count)), r.times, at(all, i))
	}
	n := len(cumulative)
	r.addFloat(r.family.bucket, bounds.at(n), float64(count), r.times, at(all, n))
	r.addFloat(r.family.sum, nil, sum, r.times, nil)
	r.addFloat(r.family.count, nil, float64(count), r.times, nil)
}

// addQuantiles adds the quantiles of a summary, its sum and its count.
func (e *Encoder) addQuantiles(f *aggregate.Family, w aggregate.Words) {
	r := &e.request
	bounds := e.quantileBounds.of(&r.writer, f.Quantiles(), e.number)
	sum, count := w.Float(), w.Next()
	if r.at.What != point.Zero {
		for i := range f.Quantiles() {
			r.addFloat(r.family.base, bounds.at(i), w.Float(), r.time, nil)
		}
	}
	r.addFloat(r.family.sum, nil, sum, r.times, nil)
	r.addFloat(r.family.count, nil, float64(count), r.times, nil)
}
