package prw

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
)

// exemplars writes exemplars as fields of a series.
type exemplars struct {
	labels labelSet
	text   []byte                // scratch
	sorted []*aggregate.Exemplar // scratch
}

// release forgets the exemplars that were sorted.
func (x *exemplars) release() { clear(x.sorted[:cap(x.sorted)]) }

// sort returns the exemplars that are not nil, the oldest first: Prometheus takes none that is older than the
// one before.
func (x *exemplars) sort(all []*aggregate.Exemplar) []*aggregate.Exemplar {
	x.sorted = x.sorted[:0]
	for _, e := range all {
		if e != nil {
			x.sorted = append(x.sorted, e)
		}
	}
	slices.SortStableFunc(x.sorted,
		func(a, b *aggregate.Exemplar) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return x.sorted
}

// append appends an exemplar.
func (x *exemplars) append(dst []byte, w *writer, e *aggregate.Exemplar) []byte {
	const milliseconds = 1000 // in a second
	x.labels.make(w, e.Labels, nil)
	number := protowire.Number(seriesExemplars1)
	x.text = x.text[:0]
	if w.version == Version2 {
		number = seriesExemplars2
		x.text = appendText(x.text, exemplarLabels, x.labels.text)
	} else {
		x.text = append(x.text, x.labels.text...)
	}
	x.text = appendFloat(x.text, exemplarValue, e.Value)
	x.text = appendNumber(x.text, exemplarTime, uint64(e.Timestamp*milliseconds))
	return appendText(dst, number, x.text)
}

// at returns the exemplar of place i, nil when it has none.
func at(all []*aggregate.Exemplar, i int) *aggregate.Exemplar {
	if i >= len(all) {
		return nil
	}
	return all[i]
}
