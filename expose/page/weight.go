package page

import (
	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
)

// valueWeight is about how large a line is beside its name and its labels: value, suffix, braces, newline.
const valueWeight = 16

// headerWeight estimates how large the header of a family is as text.
func headerWeight(name, help string) int { return len(help) + 2*len(name) }

// Weight estimates how large a family is as text, from a few of its series.
func Weight(f *aggregate.FamilySeries) int {
	const most = 8
	sum, n := 0, min(len(f.Series), most)
	for i := range n {
		sum += seriesWeight(f.Family, f.Series[i*len(f.Series)/n])
	}
	return headerWeight(f.Name(), f.Help()) + sum*len(f.Series)/max(1, n)
}

// seriesWeight estimates how large each series of a family is as text, from one of them.
func seriesWeight(f *aggregate.Family, s *aggregate.Series) int {
	lines := 1
	switch f.Type() {
	case aggregate.TypeHistogram:
		lines = len(f.Bounds()) + 3
		if f.HasNative() {
			lines++
		}
	case aggregate.TypeSummary:
		lines = len(f.Quantiles()) + 2
	default:
	}
	return lines * (len(f.Name()) + len(s.Labels().Text()) + valueWeight)
}

// selfWeight estimates how large families of weir's own are as text.
func selfWeight(families []*dto.MetricFamily) (weight int) {
	for _, f := range families {
		weight += SelfWeight(f)
	}
	return weight
}

// SelfWeight estimates how large one of weir's own families is as text.
func SelfWeight(f *dto.MetricFamily) int {
	weight := headerWeight(f.GetName(), f.GetHelp())
	for _, m := range f.GetMetric() {
		lines, line := 1, len(f.GetName())+valueWeight
		if m.GetHistogram() != nil {
			lines = len(m.GetHistogram().GetBucket()) + 3
		}
		if m.GetSummary() != nil {
			lines = len(m.GetSummary().GetQuantile()) + 2
		}
		for _, l := range m.GetLabel() {
			line += len(l.GetName()) + len(l.GetValue()) + len(`="",`)
		}
		weight += lines * line
	}
	return weight
}
