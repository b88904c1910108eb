package explore

import (
	"cmp"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/format"
	"weir/expose/status/wire"
)

// The orders of the series of a family: by what a sender sends most, or as in an exposition.
const (
	orderRate   = "series by rate"
	orderLabels = "series"
)

// maxRated is the most series of a family that are sorted by their rates, which costs a hash of the labels of
// each.
const maxRated = 100_000

// detailOf is Explorer.Family.
func detailOf(e *Explorer, q wire.FamilyQuery) (wire.FamilyDetail, error) {
	encoding := slices.Index(wire.Formats, cmp.Or(q.Format, wire.Formats[0]))
	if encoding < 0 {
		return wire.FamilyDetail{}, badData("format is one of %s", strings.Join(wire.Formats, ", "))
	}
	snapshot := e.snapshots.holding(q.Name)
	names := format.Names{Families: snapshot.Families, Self: e.self()}
	x := exposer{names: &names, encoding: format.Encoding(encoding), hasCreated: e.source.HasCreated}
	if f := find(snapshot, q.Name); f != nil {
		return familyDetail(e, f, q, &x)
	}
	i, found := slices.BinarySearchFunc(names.Self, q.Name,
		func(f *dto.MetricFamily, name string) int { return strings.Compare(f.GetName(), name) })
	if !found {
		return wire.FamilyDetail{}, notFound(
			"there is no metric %s: no line of that name came, or its series have expired", printable(q.Name))
	}
	return selfDetail(names.Self[i], &x), nil
}

// familyDetail returns a family of the registry.
func familyDetail(
	e *Explorer, f *aggregate.FamilySeries, q wire.FamilyQuery, x *exposer,
) (wire.FamilyDetail, error) {
	r, rates := e.source.Registry, e.rates()
	chosen, next, err := choose(f, q, rates)
	if err != nil {
		return wire.FamilyDetail{}, err
	}
	detail := wire.FamilyDetail{
		Family: row(r, &family{FamilySeries: f}, rates), Series: []wire.Series{}, Next: next,
		Why: why(r, f), PromQL: promQL(f.Family),
	}
	shown := slices.SortedFunc(slices.Values(chosen),
		func(a, b *aggregate.Series) int { return a.Labels().Compare(b.Labels()) })
	reading := read(r, f.Family, shown)
	rows := make(map[*aggregate.Series]wire.Series, len(shown))
	for i, s := range shown {
		rows[s] = seriesRow(f.Family, s, reading.Values.Of(i), rates)
	}
	for _, s := range chosen {
		detail.Series = append(detail.Series, rows[s])
	}
	detail.Exposed, detail.ExposedTruncated = x.family(f.Family, shown, reading)
	return detail, nil
}

// find returns the family of a name; nil for an unknown name.
func find(snapshot *aggregate.Snapshot, name string) *aggregate.FamilySeries {
	i, found := slices.BinarySearchFunc(snapshot.Families, name,
		func(f aggregate.FamilySeries, name string) int { return strings.Compare(f.Name(), name) })
	if !found {
		return nil
	}
	return &snapshot.Families[i]
}

// choose returns the series of a page, and the cursor of the next page: the series with the highest rates
// first when rates are known, otherwise in the order of an exposition.
func choose(f *aggregate.FamilySeries, q wire.FamilyQuery, rates Rates) (
	chosen []*aggregate.Series, next string, err error,
) {
	most := pageSize(q.Limit)
	if _, known := rates.Family(f.Name()); known && len(f.Series) <= maxRated {
		after, err := parseCursor(q.After, orderRate)
		if err == nil {
			chosen, next = chooseByRate(f, after, most, rates)
			return chosen, next, nil
		}
		// Rates may have become known since the page before: then the next one is in its order.
	}
	after, err := parseCursor(q.After, orderLabels)
	if err != nil {
		return nil, "", err
	}
	chosen, next = chooseByLabels(f, after, most)
	return chosen, next, nil
}

func chooseByLabels(f *aggregate.FamilySeries, after *cursor, most int) (
	chosen []*aggregate.Series, next string,
) {
	rest := f.Series[seriesAfter(f, after):]
	chosen = fitting(rest[:min(len(rest), most)])
	if len(rest) > len(chosen) {
		next = newCursor(orderLabels, 0, f.Name(), chosen[len(chosen)-1].Labels()).String()
	}
	return chosen, next
}

func chooseByRate(f *aggregate.FamilySeries, after *cursor, most int, rates Rates) (
	chosen []*aggregate.Series, next string,
) {
	first := top[*aggregate.Series]{most: most, after: after}
	for _, s := range f.Series {
		rate, known := rates.Series(f.Name(), s.Labels())
		if !known {
			rate = -1
		}
		first.add(rank(rate, f.Name(), s.Labels(), s))
	}
	for _, x := range first.sorted() {
		chosen = append(chosen, x.item)
	}
	chosen = fitting(chosen)
	if n := len(chosen); n > 0 && (first.more || n < len(first.items)) {
		last := &first.items[n-1]
		next = newCursor(orderRate, last.key, f.Name(), last.item.Labels()).String()
	}
	return chosen, next
}

// fitting returns the first series, as many as fit into one page.
func fitting(series []*aggregate.Series) []*aggregate.Series {
	bytes := 0
	for i, s := range series {
		bytes += len(s.Labels().Text())
		if bytes > maxPageBytes && i > 0 {
			return series[:i]
		}
	}
	return series
}

// seriesAfter returns the index of the first series of a family behind the one of a cursor.
func seriesAfter(f *aggregate.FamilySeries, after *cursor) int {
	if after == nil {
		return 0
	}
	return searchAfter(f.Series, after.Labels,
		func(s **aggregate.Series) string { return (*s).Labels().Text() },
		func(s **aggregate.Series) bool { return (*s).ID() == after.ID })
}

// selfDetail returns one of weir's own families.
func selfDetail(f *dto.MetricFamily, x *exposer) wire.FamilyDetail {
	detail := wire.FamilyDetail{
		Family: selfRow(f), Series: []wire.Series{},
		Why: []string{"one of weir's own"}, PromQL: []wire.Query{},
	}
	for _, m := range f.GetMetric()[:min(len(f.GetMetric()), wire.MaxLimit)] {
		row := wire.Series{Family: f.GetName(), Labels: map[string]string{}}
		var b label.Builder
		for _, l := range m.GetLabel() {
			row.Labels[l.GetName()] = l.GetValue()
			b.Add(l.GetName(), l.GetValue())
		}
		row.Series = f.GetName() + b.Labels().String()
		switch {
		case m.Histogram != nil:
			row.Count, row.Sum = new(m.Histogram.GetSampleCount()), new(number(m.Histogram.GetSampleSum()))
		case m.Summary != nil:
			row.Count, row.Sum = new(m.Summary.GetSampleCount()), new(number(m.Summary.GetSampleSum()))
		default: // one of these is set
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
			row.Value = new(number(value))
		}
		detail.Series = append(detail.Series, row)
	}
	detail.Exposed, detail.ExposedTruncated = x.self(f)
	return detail
}
