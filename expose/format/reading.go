package format

import (
	"slices"

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

// NewReading returns a Reading of everything that any encoding shows, for a scrape.
func NewReading() *Reading {
	return &Reading{Values: aggregate.Values{Native: true, CreatedAsZero: true}, HasExemplars: true}
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

// Rewind has encoders of an encoding take the values from the first series on.
func (r *Reading) Rewind(e Encoding) { r.take(r.Values.Words(), r.exemplars, e) }

// Load has encoders of an encoding take the values of v from the first series on.
func (r *Reading) Load(v *Saved, e Encoding) { r.take(v.words, v.exemplars, e) }

func (r *Reading) take(words aggregate.Words, exemplars []*aggregate.Exemplar, e Encoding) {
	if !e.hasExemplars() {
		exemplars = nil
	}
	r.rest, r.restExemplars = words, exemplars
}

// takeExemplars takes the exemplars of a series, one for each place of its family; nil when none are read.
func (r *Reading) takeExemplars(f *Family) []*aggregate.Exemplar {
	if len(r.restExemplars) == 0 {
		return nil
	}
	n := f.ExemplarPlaces()
	taken := r.restExemplars[:n]
	r.restExemplars = r.restExemplars[n:]
	return taken
}

// Saved is values and exemplars as they were read. It does not change, so any number of goroutines may encode
// them.
type Saved struct {
	words     aggregate.Words
	exemplars []*aggregate.Exemplar

	// Versions are equal only when the values are.
	version      uint64 // of all
	wordsVersion uint64 // of the words
}

// Save returns what was read. If that equals last, which may be nil, it returns last; otherwise the version
// is a number that none of the same series had before.
func (r *Reading) Save(last *Saved, version uint64) *Saved {
	words := r.Values.Words()
	isSame := last != nil && slices.Equal(words, last.words)
	switch {
	case isSame && slices.EqualFunc(r.exemplars, last.exemplars, sameExemplar):
		return last
	case isSame:
		return &Saved{last.words, slices.Clone(r.exemplars), version, last.wordsVersion}
	default:
		return &Saved{slices.Clone(words), slices.Clone(r.exemplars), version, version}
	}
}

func sameExemplar(a, b *aggregate.Exemplar) bool {
	return a == b || a != nil && b != nil && a.Fingerprint == b.Fingerprint
}

// Size returns how many bytes the values take.
func (v *Saved) Size() int {
	const word, all = 8, 80
	return all + word*(len(v.words)+len(v.exemplars))
}

// Version returns a number that differs for other values of the same series, as far as an encoding shows
// them.
func (v *Saved) Version(e Encoding) uint64 {
	if e.hasExemplars() {
		return v.version
	}
	return v.wordsVersion
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
