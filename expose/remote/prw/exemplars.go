package prw

import (
	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
)

// exemplars writes exemplars as fields of a series.
type exemplars struct {
	labels labelSet
	text   []byte // scratch
}

// newest returns the newest exemplar, of several the one with the largest value; nil without any. A series
// sends this one alone: to a request of 2.0 Prometheus answers 400 when an exemplar is before the last one of
// the series, in this order, and all that were sent earlier would be.
func newest(all []*aggregate.Exemplar) (last *aggregate.Exemplar) {
	for _, e := range all {
		switch {
		case e == nil:
		case last == nil, e.Timestamp > last.Timestamp,
			e.Timestamp == last.Timestamp && e.Value > last.Value:
			last = e
		}
	}
	return last
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
