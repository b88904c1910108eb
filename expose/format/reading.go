package format

import (
	"weir/aggregate"
)

// Reading is the values and the exemplars of series, which an Encoder writes, each read once. It keeps its
// memory between reads and belongs to one goroutine.
type Reading struct {
	// Values are the values.
	Values aggregate.Values
	// HasExemplars says whether exemplars are read.
	HasExemplars bool

	exemplars []*aggregate.Exemplar // of each series, in order, as many as its family has places

	// The part that no encoder has taken yet.
	rest          aggregate.Words
	restExemplars []*aggregate.Exemplar

	places []*aggregate.Exemplar // scratch
}

// NewReading returns a Reading of everything that an encoding shows, for a scrape.
func NewReading(e Encoding) *Reading {
	return &Reading{
		Values:       aggregate.Values{Native: e.hasNative(), CreatedAsZero: true},
		HasExemplars: e.HasExemplars(),
	}
}

// Reset forgets everything that was read.
func (r *Reading) Reset() {
	r.Values.Reset()
	r.exemplars = r.exemplars[:0]
}

// Release is Reset that keeps no exemplar in memory either.
func (r *Reading) Release() {
	r.Reset()
	clear(r.exemplars[:cap(r.exemplars)])
	clear(r.places)
	r.restExemplars = nil
}

// Read reads series of a family, and adds them.
func (r *Reading) Read(f *aggregate.Family, series []*aggregate.Series) {
	first := r.Values.Len()
	r.Values.Read(f, series)
	if !r.HasExemplars || f.ExemplarPlaces() == 0 {
		return
	}
	for i, s := range series {
		r.addExemplars(f, s, r.Values.Of(first+i))
	}
}

// addExemplars adds the exemplars of a series, whose words are read already. A value of 0 has none: an
// exemplar may be younger than the values, and a new counter may be shown as 0.
func (r *Reading) addExemplars(f *aggregate.Family, s *aggregate.Series, w aggregate.Words) {
	n := f.ExemplarPlaces()
	for len(r.places) < n {
		r.places = append(r.places, nil)
	}
	all := r.places[:n]
	s.Exemplars(all)
	switch {
	case f.Type() == aggregate.TypeCounter:
		if w.Float() == 0 {
			clear(all)
		}
	case len(f.Bounds()) == 0: // all are of the one bucket
		if w[1] == 0 {
			clear(all)
		}
	default:
		before := uint64(0)
		for i, cumulative := range w[1 : 1+n] {
			if cumulative == before {
				all[i] = nil
			}
			before = cumulative
		}
	}
	r.exemplars = append(r.exemplars, all...)
}

// Rewind has encoders take the values from the first series on.
func (r *Reading) Rewind() { r.rest, r.restExemplars = r.Values.Words(), r.exemplars }

// takeExemplars takes the exemplars of a series, one for each place of its family; nil when none are read.
func (r *Reading) takeExemplars(f *Family) []*aggregate.Exemplar {
	if !r.HasExemplars {
		return nil
	}
	n := f.ExemplarPlaces()
	taken := r.restExemplars[:n]
	r.restExemplars = r.restExemplars[n:]
	return taken
}

// Fingerprint returns a number that changes when a value or an exemplar does, except for one time in 2^64.
func (r *Reading) Fingerprint() uint64 {
	words := r.Values.Words()
	h := words.Fingerprint()
	for _, e := range r.exemplars {
		word := uint64(0)
		if e != nil {
			word = e.Fingerprint
		}
		h = aggregate.Mix(h, word)
	}
	return h
}

// AppendFingerprints appends one number for each series, which changes when one of its values does, except
// for one time in 256.
func (r *Reading) AppendFingerprints(dst []uint8) []uint8 {
	for i := range r.Values.Len() {
		words := r.Values.Of(i)
		dst = append(dst, uint8(words.Fingerprint()>>56))
	}
	return dst
}
