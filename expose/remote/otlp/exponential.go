package otlp

import (
	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
)

// ExponentialHistogramDataPoint and its Buckets.
const (
	exponentialAttribute         = 1
	exponentialScale             = 6
	exponentialZeroCount         = 7
	exponentialPositive          = 8
	exponentialNegative          = 9
	exponentialFlags             = 10
	exponentialExemplar          = 11
	exponentialZeroThreshold     = 14
	bucketsOffset, bucketsCounts = 1, 2
)

const (
	nativeHead  = 4 // words before the buckets: schema, zero threshold, zero count, count
	nativeCount = 3 // which of them is the count

	// finestSchema is the schema before the first value: a receiver takes a finer one for a reset.
	finestSchema = 8

	// maxDense is how many buckets a data point has at most on each side of 0. OTLP has every bucket from the
	// lowest populated one to the highest, weir only the populated ones: two outliers would make half a
	// million of two. With more, each two neighbours become one, and the scale is one less. At schema 3,
	// where values double in 8 buckets, that is never so for values within 150 powers of ten.
	maxDense = 4096
)

// native is what the words of a series have of native buckets. Without words it is empty.
type native struct {
	schema             int64
	threshold          float64
	zeros, count       uint64
	sum                float64
	positive, negative aggregate.Words // index and count of each bucket
}

func takeNative(f *aggregate.Family, w aggregate.Words) native {
	if w == nil {
		return native{schema: finestSchema}
	}
	n := native{sum: w.Float()}
	w.Take(len(f.Bounds()) + 1)
	n.schema = int64(w.Next())
	n.threshold, n.zeros, n.count = w.Float(), w.Next(), w.Next()
	n.positive = w.Take(2 * int(w.Next()))
	n.negative = w.Take(2 * int(w.Next()))
	return n
}

// coarser returns the index of the bucket that bucket index becomes a part of when the schema falls by shift.
func coarser(index uint64, shift int) int64 { return (int64(index) + 1<<shift - 1) >> shift }

// breadth returns how many buckets there are from the lowest to the highest when the schema falls by shift.
func breadth(buckets aggregate.Words, shift int) int64 {
	if len(buckets) == 0 {
		return 0
	}
	return coarser(buckets[len(buckets)-2], shift) - coarser(buckets[0], shift) + 1
}

// dense writes buckets with the empty ones between them.
type dense struct {
	counts []byte // scratch
}

// append appends the buckets on one side of 0 as a field of that number. Prometheus's bucket i and OTLP's
// bucket i-1 both hold the values in (base^(i-1), base^i].
func (x *dense) append(dst []byte, number protowire.Number, buckets aggregate.Words, shift int) []byte {
	if len(buckets) == 0 {
		return dst
	}
	next := coarser(buckets[0], shift)
	offset := next - 1
	x.counts = x.counts[:0]
	for len(buckets) > 0 {
		index, count := coarser(buckets.Next(), shift), buckets.Next()
		for len(buckets) > 0 && coarser(buckets[0], shift) == index {
			buckets.Next()
			count += buckets.Next()
		}
		for ; next < index; next++ {
			x.counts = append(x.counts, 0)
		}
		x.counts = protowire.AppendVarint(x.counts, count)
		next++
	}
	size := sizeOfMessage(bucketsCounts, len(x.counts))
	if offset != 0 {
		size += protowire.SizeTag(bucketsOffset) + protowire.SizeVarint(protowire.EncodeZigZag(offset))
	}
	dst = appendLength(dst, number, size)
	if offset != 0 {
		dst = appendVarint(dst, bucketsOffset, protowire.EncodeZigZag(offset))
	}
	return appendMessage(dst, bucketsCounts, x.counts)
}
