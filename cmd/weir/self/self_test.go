package self_test

import (
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/cmd/weir/self"
	"weir/config"
	"weir/expose"
	"weir/ingest"
)

// newMetrics returns the self-metrics of a weir whose parts are built and not started. state may be nil.
func newMetrics(t *testing.T, c *config.Config, state func() self.State) *self.Metrics {
	t.Helper()
	m, err := self.New(c, self.Build{Version: "v1", Revision: "abc", GoVersion: "go1"})
	if err != nil {
		t.Fatal(err)
	}
	registry := aggregate.New(c.Aggregate)
	m.SetSources(self.Sources{
		Registry: registry,
		Ingest:   ingest.NewServer(c.Ingest, registry, zerolog.Nop()),
		Expose:   expose.NewServer(c.Expose, registry, m.Gatherer(), m.Observers(), zerolog.Nop()),
		State:    state,
		Reload:   func() self.Reload { return self.Reload{Rules: 7} },
	})
	return m
}

// gather returns the families of m by name.
func gather(t *testing.T, m *self.Metrics) map[string]*dto.MetricFamily {
	t.Helper()
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]*dto.MetricFamily)
	for _, f := range families {
		byName[f.GetName()] = f
	}
	return byName
}

// Dashboards and the tools in bench rely on these names.
func TestNames(t *testing.T) {
	families := gather(t, newMetrics(t, config.Default(), nil))
	for _, want := range []string{
		"weir_build_info", "weir_bytes_received_total", "weir_datagrams_received_total", "weir_families",
		"weir_lines_received_total", "weir_samples_received_total", "weir_samples_recorded_total",
		"weir_samples_refused_total", "weir_samples_rejected_total", "weir_scrape_duration_seconds",
		"weir_scrape_size_bytes", "weir_series", "process_cpu_seconds_total", "go_goroutines",
	} {
		if families[want] == nil {
			t.Errorf("no family %s", want)
		}
	}
	if got := families["weir_mapping_rules"].GetMetric()[0].GetGauge().GetValue(); got != 7 {
		t.Errorf("weir_mapping_rules is %v, want what the source says: 7", got)
	}
	for name := range families {
		if strings.HasPrefix(name, "statsd_exporter_") || strings.HasPrefix(name, "weir_state_") {
			t.Errorf("%s is there without a flag of statsd_exporter and without a state file", name)
		}
	}
}

// With a flag of statsd_exporter, its families are there too; with a state file, those of the state.
func TestOptionalFamilies(t *testing.T) {
	c := config.Default()
	c.Compat = true
	families := gather(t, newMetrics(t, c, func() self.State { return self.State{Saves: 3} }))
	if families["statsd_exporter_lines_total"] == nil {
		t.Error("no family of statsd_exporter")
	}
	if got := families["weir_state_saves_total"].GetMetric()[0].GetCounter().GetValue(); got != 3 {
		t.Errorf("weir_state_saves_total is %v, want 3", got)
	}
}

// No sample may take a name that a self-metric uses, or will use once it has values.
func TestNamesAreReserved(t *testing.T) {
	names, err := self.Names(config.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"weir_series", "weir_cardinality_overflow_total", "weir_scrape_size_bytes_bucket", "go_gc_duration_seconds_sum",
		"process_open_fds",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not reserved", want)
		}
	}
	for name := range gather(t, newMetrics(t, config.Default(), nil)) {
		if !slices.Contains(names, name) {
			t.Errorf("%s is exposed and not reserved", name)
		}
	}
}

func TestCollectorsCanBeSwitchedOff(t *testing.T) {
	c := config.Default()
	c.Collectors.Process.Enabled, c.Collectors.Runtime.Enabled = false, false
	names, err := self.Names(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "weir_") {
			t.Errorf("%s is there though its collector is off", name)
		}
	}
}

// What expose observes is in the histograms.
func TestObservers(t *testing.T) {
	m := newMetrics(t, config.Default(), nil)
	m.Observers().Duration.Observe(.002)
	m.Observers().SizeBytes.Observe(3 << 10)
	families := gather(t, m)
	for name, want := range map[string]float64{"weir_scrape_duration_seconds": .002, "weir_scrape_size_bytes": 3 << 10} {
		h := families[name].GetMetric()[0].GetHistogram()
		if h.GetSampleCount() != 1 || h.GetSampleSum() != want {
			t.Errorf("%s: %d observations with the sum %v, want 1 of %v", name, h.GetSampleCount(), h.GetSampleSum(), want)
		}
	}
}
