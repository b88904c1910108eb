package main

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/config"
	"weir/expose"
	"weir/ingest"
)

// sources are the parts that the values of the self-metrics come from.
type sources struct {
	registry *aggregate.Registry
	ingest   *ingest.Server
	expose   *expose.Server
	state    *state
	reload   *reload
}

// reading has the counts of all sources at one scrape. The rows share it, so that they add up: samples
// received are the sum of all outcomes in every single scrape.
type reading struct {
	ingest    ingest.Stats
	total     ingest.TransportStats // of ingest
	registry  aggregate.Stats
	overflows []aggregate.Overflow
	expose    expose.Stats
	state     *state
	reload    *reload
	families  []aggregate.FamilySeries
}

// scrapeHistograms are the self-metrics that expose observes itself: the duration of scrapes and the size of
// expositions.
var scrapeHistograms = []prometheus.HistogramOpts{
	{
		Name:    "weir_scrape_duration_seconds",
		Help:    "Duration of scrapes, from the request to the last byte.",
		Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	},
	{
		Name: "weir_scrape_size_bytes", Help: "Size of expositions before compression.",
		Buckets: prometheus.ExponentialBuckets(1<<10, 4, 8),
	},
}

// selfMetrics collects weir's own families: the rows, the scrape histograms and, if configured, process_* and
// go_*. It is a prometheus.Collector, so expose needs to know nothing of the sources.
type selfMetrics struct {
	registry *prometheus.Registry
	duration prometheus.Histogram
	size     prometheus.Histogram
	rows     []selfRow
	descs    []*prometheus.Desc // of rows

	sources atomic.Pointer[sources] // nil until every part is built
}

// newSelfMetrics returns the self-metrics of a weir configured by c. Until sources is set the rows have no
// values.
func newSelfMetrics(c *config.Config) (*selfMetrics, error) {
	s := &selfMetrics{
		registry: prometheus.NewRegistry(),
		duration: prometheus.NewHistogram(scrapeHistograms[0]),
		size:     prometheus.NewHistogram(scrapeHistograms[1]),
	}
	s.rows = selfRows
	if c.Compat {
		s.rows = slices.Concat(selfRows, compatRows)
	}
	for _, row := range s.rows {
		s.descs = append(s.descs, prometheus.NewDesc(row.name, row.help, row.labels, nil))
	}
	parts := []prometheus.Collector{s, s.duration, s.size}
	if c.Collectors.Process.Enabled {
		parts = append(parts, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	if c.Collectors.Runtime.Enabled {
		parts = append(parts, collectors.NewGoCollector())
	}
	var errs []error
	for _, part := range parts {
		errs = append(errs, s.registry.Register(part))
	}
	return s, errors.Join(errs...)
}

// observers returns the histograms that expose observes.
func (s *selfMetrics) observers() expose.Observers {
	return expose.Observers{Duration: s.duration, SizeBytes: s.size}
}

// Describe implements prometheus.Collector.
func (s *selfMetrics) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range s.descs {
		descs <- desc
	}
}

// Collect implements prometheus.Collector.
func (s *selfMetrics) Collect(metrics chan<- prometheus.Metric) {
	from := s.sources.Load()
	if from == nil {
		return
	}
	stats := from.ingest.Stats()
	r := &reading{
		ingest: stats, total: stats.Total(), expose: from.expose.Stats(),
		registry: from.registry.Stats(), overflows: from.registry.Overflows(),
		families: from.registry.Snapshot().Families,
		state:    from.state, reload: from.reload,
	}
	for i, row := range s.rows {
		row.values(r, func(value float64, labels ...string) {
			metrics <- prometheus.MustNewConstMetric(s.descs[i], row.typ, value, labels...)
		})
	}
}

// names returns every name that the self-metrics use in an exposition: the registry reserves them, so that no
// sample can make a family of weir's invalid.
func (s *selfMetrics) names() ([]string, error) {
	families, err := s.registry.Gather()
	if err != nil {
		return nil, fmt.Errorf("gather self-metrics: %w", err)
	}
	var names []string
	for _, row := range s.rows {
		names = append(names, row.name)
	}
	for _, f := range families {
		names = append(names, f.GetName())
		if t := f.GetType(); t == dto.MetricType_HISTOGRAM || t == dto.MetricType_SUMMARY {
			names = append(names, f.GetName()+"_bucket", f.GetName()+"_sum", f.GetName()+"_count")
		}
	}
	return names, nil
}

// selfNames returns the names of the self-metrics of a weir configured by c, for commands without an App.
func selfNames(c *config.Config) ([]string, error) {
	self, err := newSelfMetrics(c)
	if err != nil {
		return nil, err
	}
	return self.names()
}

// selfRow is one family of self-metrics. A new self-metric is a new row, and nothing else.
type selfRow struct {
	typ        prometheus.ValueType
	name, help string
	labels     []string             // nil for a family of one series
	values     func(*reading, emit) // emits every series; may emit none
}

// emit takes one value of a row, with the values of the row's labels in their order.
type emit func(value float64, labels ...string)

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// selfRows is the one table of self-metrics, in the order of the data: what comes in, the series, what goes
// out, the program. Only scrapeHistograms and the process_* and go_* families are not in it. The documented
// table is made from it (TestDocsTables).
var selfRows = slices.Concat(ingestRows, registryRows, exposeRows, programRows)

// programRows are the self-metrics of the program: its configuration, its bugs and its build.
var programRows = []selfRow{
	{
		gauge, "weir_config_last_reload_successful",
		"1 if the last reload of the configuration succeeded, 0 if it failed.",
		nil, lastReload,
	},
	{
		gauge, "weir_config_last_reload_success_timestamp_seconds",
		"Time when the configuration in force was read, as Unix time.",
		nil, single(func(r *reading) int64 { return r.reload.succeededAt.Load() }),
	},
	{
		counter, "weir_config_reloads_total", "Reloads of the configuration, by outcome.",
		[]string{"outcome"},
		reloads,
	},
	{
		gauge, "weir_mapping_rules", "Number of mapping rules in force.",
		nil, single(func(r *reading) int64 { return r.reload.rules.Load() }),
	},
	{
		counter, "weir_panics_total",
		"Panics caught while reading lines or answering requests. Each is a bug; please report it.",
		[]string{"part"},
		panics,
	},
	{
		gauge, "weir_build_info", "Constant 1, labelled with the version that weir was built from.",
		[]string{"version", "revision", "goversion"},
		buildInfo,
	},
}

// single is for rows of one value without labels.
func single[N int | int64 | uint64](value func(*reading) N) func(*reading, emit) {
	return func(r *reading, e emit) { e(float64(value(r))) }
}

func lastReload(r *reading, e emit) {
	if r.reload.successful.Load() {
		e(1)
	} else {
		e(0)
	}
}

func reloads(r *reading, e emit) {
	e(float64(r.reload.successes.Load()), "success")
	e(float64(r.reload.failures.Load()), "failure")
}

func panics(r *reading, e emit) {
	e(float64(r.total.Ledger.Panics), "ingest")
	e(float64(r.expose.Panics), "expose")
}

func buildInfo(_ *reading, e emit) {
	b := readBuild()
	e(1, b.version, b.revision, b.goVersion)
}
