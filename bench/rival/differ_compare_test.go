package rival_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// exposition is what a program shows of the lines it was sent: its own families are left out, and so are
// labels with an empty value, which are none to Prometheus.
type exposition struct {
	types   map[string]string  // by family
	samples map[string]float64 // by series as text shows it
	doubles []string           // series that are there twice
}

// newExposition leaves out families whose names begin with one of own.
func newExposition(families map[string]*dto.MetricFamily, own []string) exposition {
	e := exposition{types: make(map[string]string), samples: make(map[string]float64)}
	for name, family := range families {
		if slices.ContainsFunc(own, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			continue
		}
		e.types[name] = strings.ToLower(family.GetType().String())
		for _, m := range family.GetMetric() {
			e.add(name, m)
		}
	}
	return e
}

// render returns the samples as text shows them, sorted.
func (e *exposition) render() (samples []string) {
	for series, value := range e.samples {
		samples = append(samples, series+" "+number(value))
	}
	slices.Sort(samples)
	return samples
}

func (e *exposition) add(name string, m *dto.Metric) {
	labels := renderLabels(m.GetLabel())
	switch {
	case m.Counter != nil:
		e.set(name, labels, m.Counter.GetValue())
	case m.Gauge != nil:
		e.set(name, labels, m.Gauge.GetValue())
	case m.Summary != nil:
		for _, q := range m.Summary.Quantile {
			e.set(name, append(slices.Clone(labels), pair("quantile", number(q.GetQuantile()))), q.GetValue())
		}
		e.set(name+"_sum", labels, m.Summary.GetSampleSum())
		e.set(name+"_count", labels, float64(m.Summary.GetSampleCount()))
	case m.Histogram != nil:
		for _, b := range m.Histogram.Bucket {
			e.set(name+"_bucket", append(slices.Clone(labels), pair("le", number(b.GetUpperBound()))), float64(b.GetCumulativeCount()))
		}
		e.set(name+"_sum", labels, m.Histogram.GetSampleSum())
		e.set(name+"_count", labels, float64(m.Histogram.GetSampleCount()))
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func pair(name, value string) string { return name + "=" + strconv.Quote(value) }

func renderLabels(pairs []*dto.LabelPair) (labels []string) {
	for _, l := range pairs {
		if l.GetValue() != "" {
			labels = append(labels, pair(l.GetName(), l.GetValue()))
		}
	}
	return slices.Sorted(slices.Values(labels))
}

func (e *exposition) set(name string, labels []string, value float64) {
	series := name
	if len(labels) > 0 {
		series += "{" + strings.Join(labels, ",") + "}"
	}
	if _, found := e.samples[series]; found {
		e.doubles = append(e.doubles, series)
	}
	e.samples[series] = value
}

// removeLast removes the series of the last line, and reports whether it was there.
func (e *exposition) removeLast() (found bool) {
	for series := range e.samples {
		if strings.Contains(series, pair(lastTag, "yes")) || nameOf(series) == usualLastFamily {
			found = true
			delete(e.samples, series)
		}
	}
	for name := range e.types {
		if !e.has(name) {
			delete(e.types, name)
		}
	}
	return found
}

// has reports whether a family has a sample.
func (e *exposition) has(family string) bool {
	for series := range e.samples {
		if name := nameOf(series); name == family || isPart(name, family) {
			return true
		}
	}
	return false
}

// isPart reports whether samples of a name may be those of a histogram or summary.
func isPart(name, family string) bool {
	suffix, found := strings.CutPrefix(name, family)
	return found && (suffix == "_sum" || suffix == "_count" || suffix == "_bucket")
}

func nameOf(series string) string {
	name, _, _ := strings.Cut(series, "{")
	return name
}

// compare returns what weir shows differently from statsd_exporter, one string for each difference, sorted.
func compare(weir, exporter exposition) (differences []string) {
	for _, double := range exporter.doubles {
		differences = append(differences, double+": statsd_exporter has it twice")
	}
	for name := range union(weir.types, exporter.types) {
		if got, want := weir.types[name], exporter.types[name]; got != want {
			differences = append(differences, fmt.Sprintf("%s: weir says type %q, statsd_exporter %q", name, got, want))
		}
	}
	for series := range union(weir.samples, exporter.samples) {
		got, isHere := weir.samples[series]
		want, isThere := exporter.samples[series]
		switch {
		case !isHere:
			differences = append(differences, fmt.Sprintf("%s: weir has none, statsd_exporter %v", series, want))
		case !isThere:
			differences = append(differences, fmt.Sprintf("%s: weir has %v, statsd_exporter none", series, got))
		case isQuantile(series):
			if !likely(got, want, exporter.count(series)) {
				differences = append(differences, fmt.Sprintf("%s: weir has %v, statsd_exporter %v", series, got, want))
			}
		case !near(got, want, 1e-9):
			differences = append(differences, fmt.Sprintf("%s: weir has %v, statsd_exporter %v", series, got, want))
		}
	}
	slices.Sort(differences)
	return differences
}

func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func near(a, b, tolerance float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= tolerance*max(math.Abs(a), math.Abs(b))
}

func isQuantile(series string) bool { return strings.Contains(series, `quantile="`) }

// likely reports whether two estimates of a quantile of so many observations can both be right as far as can
// be said without the observations: that of one is known. TestDiffer/quantiles knows the observations.
func likely(a, b, count float64) bool {
	return math.IsNaN(a) == math.IsNaN(b) && (count > 1 || near(a, b, 0.01))
}

// count returns the number of observations of the summary of a quantile.
func (e *exposition) count(quantile string) float64 {
	name, labels, _ := strings.Cut(strings.TrimSuffix(quantile, "}"), "{")
	at := strings.LastIndex(labels, `quantile="`)
	if labels = strings.TrimSuffix(labels[:at], ","); labels != "" {
		name, labels = name+"_count{", labels+"}"
		return e.samples[name+labels]
	}
	return e.samples[name+"_count"]
}
