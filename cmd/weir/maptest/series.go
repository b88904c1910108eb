package maptest

import (
	"math"

	"weir/aggregate"
	"weir/aggregate/label"
)

// line is one line of an exposition: a series of Prometheus. A counter or gauge has one, a histogram has one
// for each bucket, the sum and the count.
type line struct {
	outcome

	isDetail bool // a bucket or a quantile: a test may leave it out
}

// linesOf returns the lines of a series of weir.
func linesOf(f *aggregate.Family, s *aggregate.Series) (all []line) {
	add := func(suffix string, value float64) {
		all = append(all, line{outcome: outcome{key{name: f.Name() + suffix, labels: s.Labels()}, value}})
	}
	addDetail := func(suffix, name string, of, value float64) {
		labels := with(s.Labels(), name, formatValue(of))
		all = append(all, line{outcome{key{name: f.Name() + suffix, labels: labels}, value}, true})
	}
	if f.Type() == aggregate.TypeCounter || f.Type() == aggregate.TypeGauge {
		add("", s.Value())
		return all
	}
	var o aggregate.Observations
	s.Observe(&o)
	for i, q := range f.Quantiles() {
		addDetail("", "quantile", q, o.Quantiles[i])
	}
	if f.Type() == aggregate.TypeHistogram {
		for i, bound := range f.Bounds() {
			addDetail("_bucket", "le", bound, float64(o.Buckets[i]))
		}
		addDetail("_bucket", "le", math.Inf(1), float64(o.Count))
	}
	add("_sum", o.Sum)
	add("_count", float64(o.Count))
	return all
}

// with returns the label set with one more label.
func with(labels label.Labels, name, value string) label.Labels {
	var b label.Builder
	for name, value := range labels.All() {
		b.Add(name, value)
	}
	b.Add(name, value)
	return b.Labels()
}
