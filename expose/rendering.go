package expose

import (
	"slices"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
)

// rendering is where a scrape is in its exposition: the families of the registry and weir's own, merged by
// name.
type rendering struct {
	families []aggregate.FamilySeries
	self     []*dto.MetricFamily // sorted by name, disjoint from families but for a bug
	series   int                 // how many of families[0].Series were rendered

	labels       []string  // of the buckets, or the quantiles, of families[0]
	bounds       []float64 // those that labels were made of
	observations aggregate.Observations
}

// fill appends to block, until it has blockBytes or the exposition is whole, and reports whether there is
// more.
func (r *rendering) fill(block []byte) (filled []byte, more bool) {
	for len(block) < blockBytes {
		switch {
		case len(r.self) > 0 && (len(r.families) == 0 || r.self[0].GetName() <= r.families[0].Name()):
			block = r.appendSelf(block)
		case len(r.families) > 0:
			block = r.appendFamily(block)
		default:
			return block, false
		}
	}
	return block, len(r.self)+len(r.families) > 0
}

// appendSelf appends the next of weir's own families.
func (r *rendering) appendSelf(block []byte) []byte {
	own := r.self[0]
	r.self = r.self[1:]
	if len(r.families) > 0 && r.families[0].Name() == own.GetName() {
		r.families = r.families[1:] // never two families of one name
	}
	return appendOwn(block, own)
}

// appendFamily appends what fits of the next family of the registry: its header never without a series.
func (r *rendering) appendFamily(block []byte) []byte {
	f := &r.families[0]
	if r.series == 0 {
		block = appendHeader(block, f.Family)
		r.prepare(f.Family)
	}
	for first := true; r.series < len(f.Series) && (first || len(block) < blockBytes); first = false {
		s := f.Series[r.series]
		switch f.Type() {
		case aggregate.TypeHistogram:
			s.Observe(&r.observations)
			block = appendHistogram(block, f.Name(), s.Labels(), r.labels, &r.observations)
		case aggregate.TypeSummary:
			s.Observe(&r.observations)
			block = appendSummary(block, f.Name(), s.Labels(), r.labels, &r.observations)
		default:
			block = appendSample(block, f.Name(), s)
		}
		r.series++
	}
	if r.series == len(f.Series) {
		r.families, r.series = r.families[1:], 0
	}
	return block
}

// prepare makes ready what all series of a histogram or a summary share. Families mostly have the same.
func (r *rendering) prepare(f *aggregate.Family) {
	name, last, bounds := "le", []string{`le="+Inf"`}, f.Bounds()
	switch f.Type() {
	case aggregate.TypeHistogram:
	case aggregate.TypeSummary:
		name, last, bounds = "quantile", nil, f.Quantiles()
	default:
		return
	}
	if len(r.labels) == len(bounds)+len(last) && slices.Equal(r.bounds, bounds) {
		return // one label more than bounds is of buckets, as many is of quantiles
	}
	r.bounds, r.labels = bounds, append(boundLabels(name, bounds), last...)
}
