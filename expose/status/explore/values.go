package explore

import (
	"maps"
	"strconv"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/status/wire"
)

// read reads series as a scrape does, and tells the registry that their values are about to leave the
// process.
func read(r *aggregate.Registry, f *aggregate.Family, series []*aggregate.Series) *format.Reading {
	reading := format.NewReading()
	reading.HasExemplars = r.KeepsExemplars()
	reading.Read(f, series)
	r.Offered(&reading.Values)
	return reading
}

// seriesRow returns a series as answers have it.
func seriesRow(f *aggregate.Family, s *aggregate.Series, words aggregate.Words, rates Rates) wire.Series {
	row := wire.Series{
		Family: f.Name(), Labels: make(map[string]string), Series: f.Name() + s.Labels().String(),
		LastSeenAt: at(s.LastSeen()), CreatedAt: at(s.Created()), ShowingZero: s.IsCreatedAsZero(),
	}
	maps.Insert(row.Labels, s.Labels().All())
	if rate, known := rates.Series(f.Name(), s.Labels()); known {
		row.SamplesPerSecond = &rate
	}
	switch f.Type() {
	case aggregate.TypeHistogram:
		row.Sum = new(number(words.Float()))
		row.Count = new(words[len(f.Bounds())]) // the bucket of +Inf
	case aggregate.TypeSummary:
		row.Sum, row.Count = new(number(words.Float())), new(words.Next())
		row.Quantiles = make(map[string]string)
		for _, q := range f.Quantiles() {
			row.Quantiles[strconv.FormatFloat(q, 'g', -1, 64)] = number(words.Float())
		}
	default:
		row.Value = new(number(words.Float()))
	}
	return row
}

// number returns a value as the API of Prometheus writes it: in full, or +Inf, -Inf, NaN.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
