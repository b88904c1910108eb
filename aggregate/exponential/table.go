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

// slot returns the slot of a key, or the free one where it would be; -1 when there are no slots.
func (t *table) slot(key uint32) int {
	mask := uint32(len(t.keys) - 1)
	for at := key & mask; int(at) < len(t.keys); at = (at + 1) & mask {
		if k := t.keys[at].Load(); k == key || k == 0 {
			return int(at)
		}
	}
	return -1
}

// add adds to the count of a bucket. It returns false when the bucket is new and there is no room for it.
func (t *table) add(index int, n uint64) bool {
	key := bucketKey(index)
	at := t.slot(key)
	if at < 0 {
		return false
	}
	count := &t.counts[at]
	if t.keys[at].Load() == key { // Fast path.
		count.Store(count.Load() + n)
		return true
	}
	if 4*(t.len+1) > 3*len(t.keys) {
		return false
	}
	count.Store(n)
	t.keys[at].Store(key)
	t.len++
	return true
}

// grown returns a copy of t with room for more buckets.
func (t *table) grown() table { return tableOf(t.appendBuckets(nil), t.len+1) }

// tableOf returns a table with buckets, and room for n.
func tableOf(buckets []Bucket, n int) table {
	t := newTable(max(n, len(buckets)))
	for _, b := range buckets {
		t.add(b.Index, b.Count)
	}
	return t
}

// appendBuckets appends the buckets, with rising indexes.
func (t *table) appendBuckets(dst []Bucket) []Bucket {
	lowest := ^uint32(0)
	for i := range t.keys {
		lowest = min(lowest, t.keys[i].Load()-1) // a free slot becomes the largest number
	}
	start, mask := len(dst), len(t.keys)-1
	for i := range t.keys { // from the slot of the lowest: neighbours are in order then
		at := (int(lowest+1) + i) & mask
		if key := t.keys[at].Load(); key != 0 {
			dst = append(dst, Bucket{bucketIndex(key), t.counts[at].Load()})
		}
	}
	if added := dst[start:]; !slices.IsSortedFunc(added, compareIndexes) {
		slices.SortFunc(added, compareIndexes)
	}
	return dst
}

func compareIndexes(a, b Bucket) int { return a.Index - b.Index }
