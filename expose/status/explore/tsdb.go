package explore

import (
	"cmp"
	"slices"
	"strings"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/status/wire"
)

// The limits of TSDB, as Prometheus has them.
const (
	defaultStats = 10
	maxStats     = wire.MaxLimit
)

// tsdb is Explorer.TSDB.
func tsdb(e *Explorer, latest *survey, limit int) wire.TSDB {
	if limit <= 0 {
		limit = defaultStats
	}
	limit = min(limit, maxStats)
	families, now := e.snapshots.latest().Families, e.source.Registry.Now()*1000
	answer := wire.TSDB{HeadStats: wire.HeadStats{MinTime: now, MaxTime: now}}
	largest := top[*aggregate.FamilySeries]{most: limit}
	for i := range families {
		f := &families[i]
		answer.HeadStats.NumSeries += uint64(len(f.Series))
		if key := float64(len(f.Series)); largest.mayTake(key) {
			largest.add(rank(key, f.Name(), label.Labels{}, f))
		}
	}
	for _, x := range largest.sorted() {
		answer.SeriesCountByMetricName = append(answer.SeriesCountByMetricName,
			wire.Stat{Name: x.item.Name(), Value: uint64(len(x.item.Series))})
	}
	values := []wire.Stat{{Name: nameLabel, Value: uint64(len(families))}}
	bytes := []wire.Stat{{Name: nameLabel, Value: uint64(latest.names)}}
	answer.HeadStats.NumLabelPairs = len(families)
	for i := range latest.labels {
		l := &latest.labels[i]
		answer.HeadStats.NumLabelPairs += l.values
		values = append(values, wire.Stat{Name: l.name, Value: uint64(l.values)})
		bytes = append(bytes, wire.Stat{Name: l.name, Value: uint64(l.bytes)})
	}
	answer.LabelValueCountByLabelName = mostOf(values, limit)
	answer.MemoryInBytesByLabelName = mostOf(bytes, limit)
	for _, p := range latest.pairs[:min(len(latest.pairs), limit)] {
		name := p.label + "=" + string(label.AppendUnescaped(nil, p.value))
		answer.SeriesCountByLabelValuePair = append(answer.SeriesCountByLabelValuePair,
			wire.Stat{Name: name, Value: uint64(p.series)})
	}
	if len(families) == 0 { // Prometheus has no name then either
		answer.LabelValueCountByLabelName, answer.MemoryInBytesByLabelName = []wire.Stat{}, []wire.Stat{}
	}
	answer.SeriesCountByMetricName = notNil(answer.SeriesCountByMetricName)
	answer.SeriesCountByLabelValuePair = notNil(answer.SeriesCountByLabelValuePair)
	return answer
}

// mostOf returns the largest counts, largest first.
func mostOf(stats []wire.Stat, limit int) []wire.Stat {
	slices.SortFunc(stats, func(a, b wire.Stat) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), strings.Compare(a.Name, b.Name))
	})
	return stats[:min(len(stats), limit)]
}

// notNil returns a list that JSON writes as one.
func notNil(stats []wire.Stat) []wire.Stat {
	if stats == nil {
		return []wire.Stat{}
	}
	return stats
}
