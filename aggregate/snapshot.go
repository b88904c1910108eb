package aggregate

import (
	"slices"
	"strings"
)

// Snapshot is which families and series there are at one moment. It does not change and may be read by any
// number of goroutines; the values are read, merged over the shards, when a Series is asked for them.
type Snapshot struct {
	// Families has every family with at least one series, sorted by name.
	Families []FamilySeries
}

// FamilySeries is a family with the series it had when the snapshot was taken.
type FamilySeries struct {
	*Family

	// Series is sorted by label set.
	Series []*Series
}

// Snapshot returns the families and series there are now. The registry's lock is held only to collect what
// was born since the last one: sorting is done beside the writers. It returns the same Snapshot while
// nothing is born.
func (r *Registry) Snapshot() *Snapshot {
	r.snapshotMu.Lock()
	defer r.snapshotMu.Unlock()
	births := r.takeBirths()
	if len(births) == 0 {
		return r.snapshot
	}
	var added []FamilySeries
	for _, b := range births {
		isNew := b.sorted == nil
		b.sorted = mergeSorted(b.sorted, b.born,
			func(x, y *Series) int { return strings.Compare(x.labels, y.labels) })
		if isNew {
			added = append(added, FamilySeries{Family: b.Family})
		}
	}
	families := mergeSorted(r.snapshot.Families, added,
		func(x, y FamilySeries) int { return strings.Compare(x.name, y.name) })
	for i := range families {
		families[i].Series = families[i].sorted
	}
	r.snapshot = &Snapshot{Families: families}
	return r.snapshot
}

// birth is what was born in a family since the last snapshot.
type birth struct {
	*Family

	born []*Series
}

func (r *Registry) takeBirths() []birth {
	r.mu.Lock()
	defer r.mu.Unlock()
	births := make([]birth, len(r.bornIn))
	for i, family := range r.bornIn {
		births[i] = birth{family, family.born}
		family.born = nil
	}
	r.bornIn = nil
	return births
}

// mergeSorted returns a new slice with the elements of sorted and of added, which it sorts, in order.
func mergeSorted[E any](sorted, added []E, compare func(x, y E) int) []E {
	slices.SortFunc(added, compare)
	merged := make([]E, 0, len(sorted)+len(added))
	for len(sorted) > 0 && len(added) > 0 {
		if compare(sorted[0], added[0]) <= 0 {
			merged, sorted = append(merged, sorted[0]), sorted[1:]
		} else {
			merged, added = append(merged, added[0]), added[1:]
		}
	}
	return append(append(merged, sorted...), added...)
}
