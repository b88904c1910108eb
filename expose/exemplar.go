package expose

import (
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
)

// exemplars are those of the series of a page, beside their words: for each series, in order, as many as
// places says. They belong to a renderer; one that wants none has none.
type exemplars struct {
	body body // bodyText while none are wanted: it has no place for them
	read []*aggregate.Exemplar
	rest []*aggregate.Exemplar // of read, those that are not rendered yet

	scratch         []*aggregate.Exemplar
	labels          labelFields // their names are legal
	message, bucket []byte      // scratch
}

// places returns how many exemplars a series of a family has room for. Samples of type unknown have none in
// OpenMetrics, and native buckets none in its text: there the newest of all is that of +Inf.
func (x *exemplars) places(f *family) int {
	switch {
	case x.body == bodyText, x.body == bodyOpen && f.clash.total && f.Type() == aggregate.TypeCounter:
		return 0
	case x.body == bodyOpen && f.Type() == aggregate.TypeHistogram:
		return len(f.Bounds()) + 1
	default:
		return f.ExemplarPlaces()
	}
}

// add adds the exemplars of a series, whose words are already read. What shows nothing has none: an exemplar
// may be younger than the values, and a newborn counter shows 0.
func (x *exemplars) add(f *family, s *aggregate.Series, w aggregate.Words) {
	places := x.places(f)
	if places == 0 {
		return
	}
	n := f.ExemplarPlaces()
	for len(x.scratch) < n {
		x.scratch = append(x.scratch, nil)
	}
	all := x.scratch[:n]
	s.Exemplars(all)
	switch {
	case f.Type() == aggregate.TypeCounter:
		if w.Float() == 0 {
			clear(all)
		}
	case len(f.Bounds()) == 0: // all are of the one bucket that there is
		if w[1] == 0 {
			clear(all)
		}
		if places == 1 {
			all[0] = newest(all)
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
	x.read = append(x.read, all[:places]...)
}

// newest returns the newest exemplar, nil when there is none.
func newest(all []*aggregate.Exemplar) (e *aggregate.Exemplar) {
	for _, other := range all {
		if other != nil && (e == nil || other.Timestamp > e.Timestamp) {
			e = other
		}
	}
	return e
}

// fold is words.fold with what tells exemplars apart.
func (x *exemplars) fold(h uint64) uint64 {
	for _, e := range x.read {
		word := uint64(0)
		if e != nil {
			word = e.Fingerprint
		}
		h = aggregate.Mix(h, word)
	}
	return h
}

// take takes the exemplars of a series off; nil when its family has no place for any.
func (x *exemplars) take(f *family) []*aggregate.Exemplar {
	n := x.places(f)
	taken := x.rest[:n]
	x.rest = x.rest[n:]
	return taken
}

// reset forgets all, so that the collector may have them.
func (x *exemplars) reset() {
	clear(x.read[:cap(x.read)])
	clear(x.scratch)
	x.read, x.rest = x.read[:0], nil
}

// at returns one of taken exemplars, nil when there is none.
func at(taken []*aggregate.Exemplar, i int) *aggregate.Exemplar {
	if i >= len(taken) {
		return nil
	}
	return taken[i]
}

// appendOpenExemplar appends an exemplar, if there is one, behind the value of a sample, as OpenMetrics has
// it.
//
//	web_hits_total 3 # {trace_id="4bf92f"} 1.0 1700000000
//	                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
func appendOpenExemplar(dst []byte, e *aggregate.Exemplar) []byte {
	if e == nil {
		return dst
	}
	dst = append(append(append(dst, " # {"...), e.Labels.Text()...), "} "...)
	dst = append(appendOpenValue(dst, e.Value), ' ')
	return strconv.AppendInt(dst, e.Timestamp, 10)
}

// The fields of exemplars in io/prometheus/client/metrics.proto. Their labels have the number of a metric's.
const (
	counterExemplar   = 2
	bucketExemplar    = 3
	histogramExemplar = 16

	exemplarValue     = 2
	exemplarTimestamp = 3
)

// appendExemplar appends an exemplar, if there is one, as a message of that number.
func (x *exemplars) appendExemplar(dst []byte, number protowire.Number, e *aggregate.Exemplar) []byte {
	if e == nil {
		return dst
	}
	x.message = x.labels.append(x.message[:0], e.Labels.Text())
	x.message = appendDouble(x.message, exemplarValue, e.Value)
	x.message = appendCreatedSeconds(x.message, exemplarTimestamp, uint64(e.Timestamp))
	return appendMessage(dst, number, x.message)
}

// appendBucket appends a classic bucket with its exemplar.
func (x *exemplars) appendBucket(dst []byte, count uint64, bound float64, e *aggregate.Exemplar) []byte {
	x.bucket = appendDouble(appendUint(x.bucket[:0], bucketCount, count), bucketBound, bound)
	x.bucket = x.appendExemplar(x.bucket, bucketExemplar, e)
	return appendMessage(dst, histogramBucket, x.bucket)
}

// appendRest appends the exemplars that are at no bucket below +Inf: that of +Inf, which gets a bucket of its
// own for it, or those of native buckets alone.
func (x *exemplars) appendRest(dst []byte, f *family, count uint64, taken []*aggregate.Exemplar) []byte {
	if bounds := f.Bounds(); len(bounds) > 0 {
		if e := at(taken, len(bounds)); e != nil {
			dst = x.appendBucket(dst, count, math.Inf(1), e)
		}
		return dst
	}
	for _, e := range taken {
		dst = x.appendExemplar(dst, histogramExemplar, e)
	}
	return dst
}
