package explore

import (
	"cmp"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/page"
	"weir/expose/status/wire"
)

// types are the types and kinds that families can have.
var types = []string{"counter", "gauge", "histogram", "summary", "native", "set", "check"}

// family is a family of a list: one of the registry, or one of weir's own.
type family struct {
	*aggregate.FamilySeries

	self *dto.MetricFamily
}

func (f *family) name() string {
	if f.self != nil {
		return f.self.GetName()
	}
	return f.Name()
}

// listFamilies is Explorer.Families.
func listFamilies(e *Explorer, q wire.FamiliesQuery) (wire.Families, error) {
	l := lister{explorer: e, query: q, match: newPattern(q.Match), rates: e.rates()}
	l.hasRates = l.rates != Rates(unknownRates{})
	l.query.Sort = cmp.Or(q.Sort, wire.FamilySorts[0])
	switch {
	case !slices.Contains(wire.FamilySorts, l.query.Sort):
		return wire.Families{}, badData("sort is one of %s", strings.Join(wire.FamilySorts, ", "))
	case q.Type != "" && !slices.Contains(types, q.Type):
		return wire.Families{}, badData("type is one of %s", strings.Join(types, ", "))
	}
	after, err := parseCursor(q.After, l.query.Sort)
	if err != nil {
		return wire.Families{}, err
	}
	l.top = top[family]{most: pageSize(q.Limit), after: after}
	l.list()
	return l.answer(), nil
}

// lister makes a page of families.
type lister struct {
	explorer *Explorer
	query    wire.FamiliesQuery
	match    pattern
	rates    Rates
	hasRates bool
	top      top[family]
	total    int
}

// list looks at every family, of which only the page is kept.
func (l *lister) list() {
	families := l.explorer.snapshots.latest().Families
	if l.isAll() { // Fast path: the snapshot is the list.
		l.listByName(families)
		return
	}
	for i := range families {
		l.add(family{FamilySeries: &families[i]})
	}
	if l.query.HasOwn {
		for _, f := range l.explorer.self() {
			l.add(family{self: f})
		}
	}
}

// isAll reports whether all families of the registry are asked for, by name.
func (l *lister) isAll() bool {
	return l.query.Sort == wire.SortName && l.query.Match == "" && l.query.Type == "" && !l.query.HasOwn
}

// listByName lists the families of a snapshot, which are sorted by name.
func (l *lister) listByName(families []aggregate.FamilySeries) {
	l.total = len(families)
	if after := l.top.after; after != nil {
		families = families[searchAfter(families, after.Name,
			func(f *aggregate.FamilySeries) string { return f.Name() },
			func(f *aggregate.FamilySeries) bool { return label.Labels{}.ID(f.Name()) == after.ID }):]
	}
	l.top.more = len(families) > l.top.most
	for i := range families[:min(len(families), l.top.most)] {
		f := &families[i]
		l.top.items = append(l.top.items, rank(0, f.Name(), label.Labels{}, family{FamilySeries: f}))
	}
}

// add adds a family to the page if it matches.
func (l *lister) add(f family) {
	if !l.matches(&f) {
		return
	}
	l.total++
	if key := l.key(&f); f.self != nil || l.top.mayTake(key) {
		l.top.add(rank(key, f.name(), label.Labels{}, f))
	}
}

func (l *lister) matches(f *family) bool {
	if l.query.Match == "" && l.query.Type == "" {
		return true
	}
	if f.self != nil {
		return (l.query.Type == "" || l.query.Type == strings.ToLower(f.self.GetType().String())) &&
			l.match.matches(f.name())
	}
	if l.query.Type != "" && l.query.Type != f.Type().String() && l.query.Type != f.Kind() {
		return false
	}
	return l.match.matches(f.Name()) || f.WasSentAs(l.match.matches)
}

// key returns the number that the list is sorted by. A rate that is not known comes last.
func (l *lister) key(f *family) float64 {
	switch {
	case l.query.Sort == wire.SortName:
		return 0
	case f.self != nil:
		return l.selfKey(f.self)
	case l.query.Sort == wire.SortSeries:
		return float64(len(f.Series))
	case l.query.Sort == wire.SortNew:
		return float64(f.NewPerMinute())
	case l.query.Sort == wire.SortBytes:
		return float64(page.Weight(f.FamilySeries))
	}
	if l.hasRates {
		if rate, known := l.rates.Family(f.Name()); known {
			return rate.PerSecond
		}
	}
	return -1
}

func (l *lister) selfKey(f *dto.MetricFamily) float64 {
	switch l.query.Sort {
	case wire.SortSeries:
		return float64(len(f.GetMetric()))
	case wire.SortBytes:
		return float64(page.SelfWeight(f))
	case wire.SortRate:
		return -1
	default:
		return 0
	}
}

// answer returns the page.
func (l *lister) answer() wire.Families {
	sample := l.rates.Sample()
	answer := wire.Families{
		Families: []wire.Family{}, Total: l.total, Estimated: sample != "", Sample: sample,
	}
	items := l.top.items
	if !l.isAll() {
		items = l.top.sorted()
	}
	for _, x := range items {
		answer.Families = append(answer.Families, row(l.explorer.source.Registry, &x.item, l.rates))
	}
	if n := len(l.top.items); n > 0 && l.top.more {
		last := &l.top.items[n-1]
		answer.Next = newCursor(l.query.Sort, last.key, last.item.name(), label.Labels{}).String()
	}
	return answer
}
