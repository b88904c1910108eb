package expose

import "weir/aggregate"

// reader reads the values of the series of a page, each once, and their exemplars: a page is rendered from
// what was read, or not at all when that is what it was. It belongs to one goroutine.
type reader struct {
	values    aggregate.Values
	exemplars exemplars // of the same series
}

// begin forgets what was read.
func (r *reader) begin() {
	r.values.Reset()
	r.exemplars.read = r.exemplars.read[:0]
}

// fold returns a number that changes when one of the values or exemplars does, except one time in 2^64.
func (r *reader) fold() uint64 {
	words := r.values.Words()
	return r.exemplars.fold(words.Fingerprint())
}

// mark returns a number that changes when a value of the series that was read as the i-th does, except one
// time in 256.
func (r *reader) mark(i int) uint8 {
	words := r.values.Of(i)
	return uint8(words.Fingerprint() >> 56)
}

// read adds the values of series, and their exemplars.
func (r *reader) read(f *family, series []*aggregate.Series) {
	first := r.values.Len()
	r.values.Read(f.Family, series)
	if r.exemplars.body == bodyText {
		return
	}
	for i, s := range series {
		r.exemplars.add(f, s, r.values.Of(first+i))
	}
}
