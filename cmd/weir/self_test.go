package main

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"weir/config"
	"weir/ingest"
)

var update = flag.Bool("update", false, "write the generated parts of the documentation")

// Dashboards and the tools in bench rely on these names.
func TestSelfMetricNames(t *testing.T) {
	app, err := NewApp(config.Default(), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	families, err := app.self.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	for _, want := range []string{
		"weir_build_info", "weir_bytes_received_total", "weir_datagrams_received_total", "weir_families",
		"weir_lines_received_total", "weir_samples_received_total", "weir_samples_recorded_total",
		"weir_samples_refused_total", "weir_samples_rejected_total", "weir_scrape_duration_seconds",
		"weir_scrape_size_bytes", "weir_series", "process_cpu_seconds_total", "go_goroutines",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("no family %s among %v", want, names)
		}
	}
}

// No sample may take a name that a self-metric uses.
func TestSelfMetricNamesAreReserved(t *testing.T) {
	self, err := newSelfMetrics(config.Default())
	if err != nil {
		t.Fatal(err)
	}
	names, err := self.names()
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
}

func TestCollectorsCanBeSwitchedOff(t *testing.T) {
	c := config.Default()
	c.Collectors.Process.Enabled, c.Collectors.Runtime.Enabled = false, false
	self, err := newSelfMetrics(c)
	if err != nil {
		t.Fatal(err)
	}
	names, err := self.names()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "weir_") {
			t.Errorf("%s is there though its collector is off", name)
		}
	}
}

// The rows of transports iterate over what ingest has: another transport needs no other row.
func TestRowsKnowNoTransportByName(t *testing.T) {
	r := &reading{ingest: ingest.Stats{Transports: []ingest.TransportStats{
		{Name: "udp", Ledger: ingest.Ledger{Lines: 2, Datagrams: 1}},
		{Name: "fifth", Ledger: ingest.Ledger{Lines: 3, Datagrams: 1}},
	}}}
	r.total = r.ingest.Total()
	got := make(map[string]float64)
	for _, row := range ingestRows {
		row.values(r, func(value float64, labels ...string) {
			got[row.name+" "+strings.Join(labels, " ")] = value
		})
	}
	for name, want := range map[string]float64{
		"weir_lines_received_total udp": 2, "weir_lines_received_total fifth": 3,
		"weir_datagrams_received_total ": 2, "weir_bytes_received_total fifth": 0,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s = %v, %v; want %v", name, value, ok, want)
		}
	}
}
