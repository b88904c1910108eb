package aggregate

import (
	"slices"
	"strings"
)

// Snapshot is which families and series a registry has at one moment. It does not change and may be read by
// any number of goroutines. Values are read, merged over the shards, when a Series is asked for them.
type Snapshot struct {
	// Families has every family with at least one series, sorted by name.
	Families []FamilySeries

	registry *Registry // nil in the snapshot of an empty registry
}

// FamilySeries is a family with the series it had when the snapshot was taken.
type FamilySeries struct {
	*Family

	// Series is sorted by label set.
	Series []*Series

	showZero []*Series // those that may show 0 instead of their value
}

// Select returns a snapshot of the families for which keep returns true.
func (s *Snapshot) Select(keep func(*FamilySeries) bool) *Snapshot {
	selected := &Snapshot{registry: s.registry}
	for i := range s.Families {
		if keep(&s.Families[i]) {
			selected.Families = append(selected.Families, s.Families[i])
		}
	}
	return selected
}

// Served tells the registry that a scrape was given every series of the snapshot: its response was good, and
// written to the end. From then on, and after Lifetime.Hold, new counters show their value instead of 0. Call
// it once for each such scrape; not for a response that was cut, had no body, or goes to anything except a
// scraper.
func (s *Snapshot) Served() {
	if s.registry == nil || !s.registry.hasCreatedAsZero.Load() {
		return
	}
	now, hold := s.registry.clock.seconds(), s.registry.hold
	for i := range s.Families {
		for _, series := range s.Families[i].showZero {
			series.createdAsZero.served(now, hold)
		}
	}
}

// Offered tells the registry that these values are about to leave the process, in a scrape or a push. A way
// out calls it with all that it has read, before the first byte made of it leaves; it need not call it again
// for values that it has offered before. Today the registry keeps no account of it.
func (*Registry) Offered(*Values) {}

// Snapshot returns the families and series of now. The registry's lock is held only to collect what was
// created since the last snapshot, and where series expired: sorting is done beside the writers. It returns
// the same Snapshot as long as no series is created or expires.
func (r *Registry) Snapshot() *Snapshot {
	r.snapshotMu.Lock()
	defer r.snapshotMu.Unlock()
	changes := r.takeChanges()
	if len(changes) == 0 {
		return r.snapshot
	}
	mayShowZero := r.hasCreatedAsZero.Load()
	var added []FamilySeries
	for _, c := range changes {
		isNew := c.sorted == nil
		if mayShowZero {
			c.showZero = slices.Concat(showingZero(c.showZero), showingZero(c.created))
		}
		c.sorted = mergeSorted(living(c.sorted), living(c.created),
			func(x, y *Series) int { return x.labels.Compare(y.labels) })
		if isNew {
			added = append(added, FamilySeries{Family: c.Family})
		}
	}
	families := mergeSorted(r.snapshot.Families, added,
		func(x, y FamilySeries) int { return strings.Compare(x.name, y.name) })
	for i := range families {
		families[i].Series, families[i].showZero = families[i].sorted, families[i].Family.showZero
	}
	families = slices.DeleteFunc(families, func(f FamilySeries) bool { return len(f.Series) == 0 })
	r.snapshot = &Snapshot{Families: families, registry: r}
	return r.snapshot
}

// change is a family in which series were created, or expired, since the last snapshot.
type change struct {
	*Family

	created []*Series
}

func (r *Registry) takeChanges() []change {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.catalog.takeChanges()
}

// living returns the series of list that have not expired, in a new slice.
func living(list []*Series) []*Series {
	alive := make([]*Series, 0, len(list))
	for _, s := range list {
		if !s.seen.gone() {
			alive = append(alive, s)
		}
	}
	return alive
}

// showingZero returns the series of list that show 0 instead of their value.
func showingZero(list []*Series) (showing []*Series) {
	for _, s := range list {
		if s.IsCreatedAsZero() && !s.seen.gone() {
			showing = append(showing, s)
		}
	}
	return showing
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
