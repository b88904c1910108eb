package explore

import (
	"hash/maphash"

	"weir/aggregate"
	"weir/aggregate/label"
)

// Top returns the first of some numbers with names, largest first, as a list of pages of a size has them,
// and whether there are more.
func Top(keys map[string]float64, most int) (names []string, more bool) {
	t := top[string]{most: most}
	for name, key := range keys {
		t.add(rank(key, name, label.Labels{}, name))
	}
	for _, x := range t.sorted() {
		names = append(names, x.item)
	}
	return names, t.more
}

// Frequent returns how many series the pairs with most of them have, by value.
func Frequent(values []string, most int) map[string]int {
	var f frequent
	seed := maphash.MakeSeed()
	for _, value := range values {
		f.add(maphash.String(seed, value), pair{"l", value, 1})
	}
	counts := make(map[string]int)
	for _, p := range f.most(most) {
		counts[p.value] = p.series
	}
	return counts
}

// CountDistinct returns how many distinct values there are.
func CountDistinct(values []string) int {
	var c counter
	seed := maphash.MakeSeed()
	for _, value := range values {
		c.add(maphash.String(seed, value))
	}
	return c.count()
}

// DelaySnapshots makes delay run before each snapshot that is taken for questions. Call it before the first.
func (e *Explorer) DelaySnapshots(delay func()) {
	now := e.snapshots.now
	e.snapshots.now = func() *aggregate.Snapshot {
		delay()
		return now()
	}
}
