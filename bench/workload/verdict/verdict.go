package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"weir/bench/workload"
	"weir/protocol"
)

// timerTolerance is how far a sum of timers may be off, relatively: milliseconds become seconds, which rounds
// each value.
const timerTolerance = 1e-9

// Compare returns how an exposition differs from the workload that was sent, a sentence each, sorted by
// family. It returns nil when the exposition has everything that was sent and, except weir's own families,
// nothing else. Numbers must be equal, except the sums of timers; see package workload.
func Compare(want map[string]workload.Family, got map[string]*dto.MetricFamily) []string {
	var differences []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		family := want[name]
		scraped, found := got[name]
		if !found {
			missing := fmt.Sprintf("%s: not there, want %d series", name, len(family.Series))
			differences = append(differences, missing)
			continue
		}
		differences = append(differences, compareFamily(&family, scraped)...)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, found := want[name]; !found && !IsOwn(name) {
			differences = append(differences, name+": was not sent")
		}
	}
	return differences
}

// IsOwn reports whether a family is about weir itself.
func IsOwn(name string) bool {
	return strings.HasPrefix(name, "weir_") || strings.HasPrefix(name, "go_") ||
		strings.HasPrefix(name, "process_")
}

func compareFamily(want *workload.Family, got *dto.MetricFamily) []string {
	if t := strings.ToLower(got.GetType().String()); t != string(want.Type) {
		return []string{fmt.Sprintf("%s: type %s, want %s", want.Exposed, t, want.Type)}
	}
	scraped := make(map[string]*dto.Metric, len(got.GetMetric()))
	for _, m := range got.GetMetric() {
		scraped[key(m)] = m
	}
	var differences []string
	differ := func(key, format string, args ...any) {
		differences = append(differences, want.Exposed+"{"+key+"}: "+fmt.Sprintf(format, args...))
	}
	for i := range want.Series {
		series := &want.Series[i]
		key := series.Key()
		m, found := scraped[key]
		if !found {
			differ(key, "not there")
			continue
		}
		delete(scraped, key)
		compareSeries(want.Kind, series, m, func(what string, got, want any) {
			differ(key, "%s %v, want %v", what, got, want)
		})
	}
	for key := range scraped {
		differ(key, "was not sent")
	}
	slices.Sort(differences)
	return differences
}

// compareSeries calls differ for each number of m that is not as sent.
func compareSeries(
	kind protocol.Kind, want *workload.Series, m *dto.Metric, differ func(what string, got, want any),
) {
	if h := m.GetHistogram(); h != nil {
		if got := h.GetSampleCount(); got != want.Observations {
			differ("count", got, want.Observations)
		}
		tolerance := 0.0
		if kind == protocol.KindTimer {
			tolerance = timerTolerance * math.Abs(want.Sum)
		}
		if got := h.GetSampleSum(); !(math.Abs(got-want.Sum) <= tolerance) { // NaN differs
			differ("sum", got, want.Sum)
		}
		return
	}
	got := m.GetGauge().GetValue()
	if m.Counter != nil {
		got = m.GetCounter().GetValue()
	}
	if got != want.Value {
		differ("value", got, want.Value)
	}
}

// key returns the labels of m as Series.Key does.
func key(m *dto.Metric) string {
	series := workload.Series{Labels: make([]workload.Label, 0, len(m.GetLabel()))}
	for _, l := range m.GetLabel() {
		series.Labels = append(series.Labels, workload.Label{Name: l.GetName(), Value: l.GetValue()})
	}
	slices.SortFunc(series.Labels, func(a, b workload.Label) int { return cmp.Compare(a.Name, b.Name) })
	return series.Key()
}
