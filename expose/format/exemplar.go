package format

import (
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
)

// newest returns the newest exemplar alone; nil when all is nil.
func newest(all []*aggregate.Exemplar) []*aggregate.Exemplar {
	if all == nil {
		return nil
	}
	best := 0
	for i, e := range all {
		if e != nil && (all[best] == nil || e.Timestamp > all[best].Timestamp) {
			best = i
		}
	}
	return all[best : best+1]
}

// at returns the exemplar of place i, nil when it has none.
func at(exemplars []*aggregate.Exemplar, i int) *aggregate.Exemplar {
	if i >= len(exemplars) {
		return nil
	}
	return exemplars[i]
}

// appendOpenExemplar appends an exemplar, if it is not nil, behind the value of a sample, as OpenMetrics has
// it.
//
//	web_hits_total 3 # {trace_id="4bf92f"} 1.0 1700000000
//	                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
func appendOpenExemplar(dst []byte, e *aggregate.Exemplar) []byte {
	if e == nil {
		return dst
	}
	dst = append(append(append(dst, " # {"...), e.Labels.Text()...), "} "...)
	dst = append(AppendOpenValue(dst, e.Value), ' ')
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

// exemplarFields writes exemplars as fields. Their labels have legal names.
type exemplarFields struct {
	labels          labelFields
	message, bucket []byte // scratch
}

// appendExemplar appends an exemplar, if it is not nil, as a message of that number.
func (x *exemplarFields) appendExemplar(dst []byte, number protowire.Number, e *aggregate.Exemplar) []byte {
	if e == nil {
		return dst
	}
	x.message = x.labels.append(x.message[:0], e.Labels)
	x.message = appendDouble(x.message, exemplarValue, e.Value)
	x.message = appendCreatedSeconds(x.message, exemplarTimestamp, uint64(e.Timestamp))
	return appendMessage(dst, number, x.message)
}

// appendBucket appends a classic bucket with its exemplar.
func (x *exemplarFields) appendBucket(dst []byte, count uint64, bound float64, e *aggregate.Exemplar) []byte {
	x.bucket = appendDouble(appendUint(x.bucket[:0], bucketCount, count), bucketBound, bound)
	x.bucket = x.appendExemplar(x.bucket, bucketExemplar, e)
	return appendMessage(dst, histogramBucket, x.bucket)
}

// appendRest appends the exemplars that are at no bucket below +Inf: that of +Inf, which gets a bucket of its
// own for it, or those of native buckets alone.
func (x *exemplarFields) appendRest(
	dst []byte, f *Family, count uint64, exemplars []*aggregate.Exemplar,
) []byte {
	if bounds := f.Bounds(); len(bounds) > 0 {
		if e := at(exemplars, len(bounds)); e != nil {
			dst = x.appendBucket(dst, count, math.Inf(1), e)
		}
		return dst
	}
	for _, e := range exemplars {
		dst = x.appendExemplar(dst, histogramExemplar, e)
	}
	return dst
}
