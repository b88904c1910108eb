package exponential

import (
	"math/bits"
	"slices"
	"sync/atomic"
)

// table is the counts of the populated buckets of one sign: an open-addressed table whose slots are found by
// the lowest bits of a bucket's index. So neighbouring buckets, the usual case, are neighbouring slots, found
// at once and in order; and how far apart buckets are makes no difference to the memory, which is 12 to 32
// bytes a bucket.
//
// One goroutine puts buckets in, any number read beside that. The zero value has room for none.
type table struct {
	keys   []atomic.Uint32 // bucketKey of the index, or 0; written once, after the count
	counts []atomic.Uint64 // more than 0 where there is a key
	len    int             // populated buckets; used by the owner only
}

const minSlots = 8

// newTable returns an empty table that has room for n buckets: a quarter of the slots stays free.
func newTable(n int) table {
	if n == 0 {
		return table{}
	}
	slots := max(minSlots, 1<<bits.Len(uint(n+n/3)))
	return table{keys: make([]atomic.Uint32, slots), counts: make([]atomic.Uint64, slots)}
}

// indexBias makes every index positive: those of schema 8 reach from -275,000 to 263,000.
const indexBias = 1 << 20

func bucketKey(index int) uint32 { return uint32(index + indexBias) }

func bucketIndex(key uint32) int { return int(key) - indexBias }

// add adds to the count of a bucket. It returns false when the bucket is new and there is no room for it.
func (t *table) add(index int, n uint64) bool {
	key, mask := bucketKey(index), len(t.keys)-1
	at := int(key) & mask
	if uint(at) < uint(len(t.keys)) && t.keys[at].Load() == key { // Fast path.
		count := &t.counts[at]
		count.Store(count.Load() + n)
		return true
	}
	if len(t.keys) == 0 {
		return false
	}
	for ; ; at = (at + 1) & mask {
		switch t.keys[at].Load() {
		case key:
			t.counts[at].Store(t.counts[at].Load() + n)
			return true
		case 0:
			if 4*(t.len+1) > 3*len(t.keys) {
				return false
			}
			t.counts[at].Store(n)
			t.keys[at].Store(key)
			t.len++
			return true
		}
	}
}

// grown returns a copy of t with room for more buckets.
func (t *table) grown() table { return tableOf(t.appendBuckets(nil, 0), t.len+1) }

// tableOf returns a table with buckets, and room for n.
func tableOf(buckets []Bucket, n int) table {
	t := newTable(max(n, len(buckets)))
	for _, b := range buckets {
		t.add(b.Index, b.Count)
	}
	return t
}

// appendBuckets appends the buckets in no order, with the indexes that they have when the schema falls by
// shift. So one index may occur twice.
func (t *table) appendBuckets(dst []Bucket, shift int) []Bucket {
	for i := range t.keys {
		if key := t.keys[i].Load(); key != 0 {
			dst = append(dst, Bucket{coarser(bucketIndex(key), shift), t.counts[i].Load()})
		}
	}
	return dst
}

// sorted returns the buckets with rising indexes.
func (t *table) sorted() []Bucket {
	buckets := t.appendBuckets(nil, 0)
	slices.SortFunc(buckets, compareIndexes)
	return buckets
}

func compareIndexes(a, b Bucket) int { return a.Index - b.Index }
