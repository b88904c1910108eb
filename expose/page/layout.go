package page

import (
	"slices"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/expose/format"
)

// layout is how the series of a snapshot are cut into pages: the same for all variants. Its pages belong to
// the collection under way, when values are shared.
type layout struct {
	mu       sync.Mutex // guards the fields below
	snapshot *aggregate.Snapshot
	self     []string // names of weir's own families
	pages    []*page  // of snapshot, beside self
	weight   int      // of pages, in bytes of text
	grouping grouping // of pages
}

// cut returns the pages of a snapshot, whose names are n, and how large they are as text, about. Pages are
// cut again when families or series were created or expired.
func (l *layout) cut(snapshot *aggregate.Snapshot, n *format.Names) (pages []*page, weight int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	isNamed := func(name string, f *dto.MetricFamily) bool { return name == f.GetName() }
	if !l.grouping.isDue() && l.snapshot == snapshot && slices.EqualFunc(l.self, n.Self, isNamed) {
		return l.pages, l.weight
	}
	p := paginator{old: l.pages, busy: l.grouping.busy(l.pages)}
	l.pages, l.weight = p.paginate(n)
	l.grouping.arranged(l.pages)
	l.snapshot, l.self = snapshot, nil
	for _, f := range n.Self {
		l.self = append(l.self, f.GetName())
	}
	return l.pages, l.weight
}
