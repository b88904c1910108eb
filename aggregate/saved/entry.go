package saved

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"weir/aggregate/exponential"
	"weir/aggregate/journal"
)

// CreatedAsZeroBit is set in the first word of an entry while its series is created as zero.
const CreatedAsZeroBit = 1 << 32

// DeletedBit is set in the only word of an entry whose series was deleted. It says the same of every series
// of that label set in the family that was created no later, in an earlier entry or a state file.
const DeletedBit = 1 << 33

var errEntry = errors.New("an entry of the journal makes no sense")

// headBytes is how long the numbers before the labels are in a head.
const headBytes = 16

// AppendHead appends the head of an entry, which identifies a series:
//
//	place of the family, created, TTL, length of the labels    4 bytes each
//	labels, labels as they were sent
func AppendHead(dst []byte, family journal.Place, x *Series) []byte {
	for _, n := range []uint32{uint32(family), x.Created, x.TTL, uint32(len(x.Labels))} {
		dst = binary.LittleEndian.AppendUint32(dst, n)
	}
	return append(append(dst, x.Labels...), x.UTF8...)
}

func parseHead(head []byte) (family journal.Place, x *Series, err error) {
	if len(head) < headBytes {
		return 0, nil, errEntry
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(head[4*i:]) }
	labels := head[headBytes:]
	if uint64(word(3)) > uint64(len(labels)) {
		return 0, nil, errEntry
	}
	x = &Series{
		Labels: string(labels[:word(3)]), UTF8: string(labels[word(3):]), Created: word(1), TTL: word(2),
	}
	if _, err := x.ParseLabels(); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errEntry, err)
	}
	return journal.Place(word(0)), x, nil
}

// words are the words of an entry that were not read yet.
type words []uint64

func (w *words) next() uint64 {
	word := (*w)[0]
	*w = (*w)[1:]
	return word
}

func (w *words) float() float64 { return math.Float64frombits(w.next()) }

func (w *words) take(n int) []uint64 {
	taken := (*w)[:n]
	*w = (*w)[n:]
	return taken
}

// decode reads the words of an entry after the first one, which is the second of the last sample, with
// CreatedAsZeroBit:
//
//	counter    value
//	summary    sum, count
//	histogram  sum, counts of the classic buckets..., and of the native ones:
//	           schema, zero threshold, zero count, positive, negative: how many, then each index and count
func (x *Series) decode(f *Family, rest words) error {
	buckets := 0
	if f.Form == FormHistogram && f.Bounds != nil {
		buckets = len(f.Bounds) + 1
	}
	if len(rest) < 1+buckets {
		return errEntry
	}
	x.Value = rest.float()
	switch f.Form {
	case FormCounter:
	case FormSummary:
		if len(rest) != 1 {
			return errEntry
		}
		x.Count = rest.next()
	case FormHistogram:
		if buckets > 0 {
			x.Buckets = rest.take(buckets)
		}
		if f.Native != nil {
			return x.decodeNative(rest)
		}
	default:
		return errEntry
	}
	return nil
}

func (x *Series) decodeNative(rest words) error {
	if len(rest) < 3 {
		return errEntry
	}
	n := &Buckets{Schema: int(int64(rest.next())), ZeroThreshold: rest.float(), Zero: rest.next()}
	var err, negativeErr error
	n.PositiveBuckets, err = decodeBuckets(&rest)
	n.NegativeBuckets, negativeErr = decodeBuckets(&rest)
	x.Native = n
	return errors.Join(err, negativeErr)
}

// AppendBuckets appends the buckets of an entry: how many, then index and count of each.
func AppendBuckets(dst []uint64, buckets []exponential.Bucket) []uint64 {
	dst = append(dst, uint64(len(buckets)))
	for _, b := range buckets {
		dst = append(dst, uint64(int64(b.Index)), b.Count)
	}
	return dst
}

func decodeBuckets(rest *words) (buckets []exponential.Bucket, err error) {
	if len(*rest) == 0 || (*rest)[0] > uint64(len(*rest)-1)/2 {
		return nil, errEntry
	}
	for n := rest.next(); n > 0; n-- {
		b := exponential.Bucket{Index: int(int64(rest.next())), Count: rest.next()}
		if len(buckets) > 0 && b.Index <= buckets[len(buckets)-1].Index {
			return nil, errEntry
		}
		buckets = append(buckets, b)
	}
	return buckets, nil
}
