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
// was born since the last one, and where something expired: sorting is done beside the writers. It returns
// the same Snapshot while nothing is born or expires.
func (r *Registry) Snapshot() *Snapshot {
	r.snapshotMu.Lock()
	defer r.snapshotMu.Unlock()
	changes := r.takeChanges()
	if len(changes) == 0 {
		return r.snapshot
	}
	var added []FamilySeries
	for _, c := range changes {
		isNew := c.sorted == nil
		c.sorted = mergeSorted(living(c.sorted), living(c.born),
			func(x, y *Series) int { return strings.Compare(x.labels, y.labels) })
		if isNew {
			added = append(added, FamilySeries{Family: c.Family})
		}
	}
	families := mergeSorted(r.snapshot.Families, added,
		func(x, y FamilySeries) int { return strings.Compare(x.name, y.name) })
	for i := range families {
		families[i].Series = families[i].sorted
	}
	families = slices.DeleteFunc(families, func(f FamilySeries) bool { return len(f.Series) == 0 })
	r.snapshot = &Snapshot{Families: families}
	return r.snapshot
}

// change is a family in which series were born, or expired, since the last snapshot.
type change struct {
	*Family

	born []*Series
}

func (r *Registry) takeChanges() []change {
	r.mu.Lock()
	defer r.mu.Unlock()
	changes := make([]change, len(r.changedIn))
	for i, family := range r.changedIn {
		changes[i] = change{family, family.born}
		family.born, family.changed = nil, false
	}
	r.changedIn = nil
	return changes
}

// living returns those of list that have not expired, in a new slice.
func living(list []*Series) []*Series {
	alive := make([]*Series, 0, len(list))
	for _, s := range list {
		if !s.seen.gone() {
			alive = append(alive, s)
		}
	}
	return alive
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
