package self

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"

	"weir/config"
	"weir/expose"
)

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

// Metrics collects weir's own families: the rows, the scrape histograms and, if configured, process_* and
// go_*. It is a prometheus.Collector, so expose needs to know nothing of the sources. Any goroutine may call
// its methods.
type Metrics struct {
	registry *prometheus.Registry
	gatherer prometheus.Gatherer // of registry, with second names
	prefix   string              // of second names; "" for none
	duration prometheus.Histogram
	size     prometheus.Histogram
	build    Build
	rows     []row
	descs    []*prometheus.Desc // of rows

	sources atomic.Pointer[Sources] // nil until every part is built
}

// New returns the self-metrics of a weir that was built from b and is configured by c. Until SetSources is
// called the rows have no values.
func New(c *config.Config, b Build) (*Metrics, error) {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		duration: prometheus.NewHistogram(scrapeHistograms[0]),
		size:     prometheus.NewHistogram(scrapeHistograms[1]),
		prefix:   c.Expose.Self.AliasPrefix,
		build:    b,
		rows:     rows,
	}
	m.gatherer = m.registry
	if m.prefix != "" {
		m.gatherer = &aliasing{prefix: m.prefix, of: m.registry}
	}
	if c.Compat {
		m.rows = slices.Concat(rows, compatRows)
	}
	for _, row := range m.rows {
		m.descs = append(m.descs, prometheus.NewDesc(row.name, row.help, row.labels, nil))
	}
	parts := []prometheus.Collector{m, m.duration, m.size}
	if c.Collectors.Process.Enabled {
		parts = append(parts, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	if c.Collectors.Runtime.Enabled {
		parts = append(parts, collectors.NewGoCollector())
	}
	var errs []error
	for _, part := range parts {
		errs = append(errs, m.registry.Register(part))
	}
	return m, errors.Join(errs...)
}

// SetSources sets where the values come from.
func (m *Metrics) SetSources(from Sources) { m.sources.Store(&from) }

// Gatherer returns every self-metric, for expose.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.gatherer }

// Observers returns the histograms that expose observes.
func (m *Metrics) Observers() expose.Observers {
	return expose.Observers{Duration: m.duration, SizeBytes: m.size}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range m.descs {
		descs <- desc
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(metrics chan<- prometheus.Metric) {
	from := m.sources.Load()
	if from == nil {
		return
	}
	stats := from.Ingest.Stats()
	r := &reading{
		ingest: stats, total: stats.Total(), expose: from.Expose.Stats(),
		registry: from.Registry.Stats(), overflows: from.Registry.Overflows(),
		families: from.Registry.Snapshot().Families,
		reload:   from.Reload(), build: m.build,
	}
	if from.State != nil {
		state := from.State()
		r.state = &state
	}
	if from.StatusBytes != nil {
		r.status = from.StatusBytes()
	}
	for i, row := range m.rows {
		row.values(r, func(value float64, labels ...string) {
			metrics <- prometheus.MustNewConstMetric(m.descs[i], row.typ, value, labels...)
		})
	}
}

// Names returns every name that the self-metrics use in an exposition: the registry reserves them, so that no
// sample can make a family of weir's invalid.
func (m *Metrics) Names() ([]string, error) {
	families, err := m.gatherer.Gather()
	if err != nil {
		return nil, fmt.Errorf("gather self-metrics: %w", err)
	}
	var names []string
	for _, row := range m.rows {
		names = append(names, row.name)
	}
	if m.prefix != "" {
		for _, alias := range aliases() {
			names = append(names, m.prefix+alias.end)
		}
	}
	for _, f := range families {
		names = append(names, f.GetName())
		if t := f.GetType(); t == dto.MetricType_HISTOGRAM || t == dto.MetricType_SUMMARY {
			names = append(names, f.GetName()+"_bucket", f.GetName()+"_sum", f.GetName()+"_count")
		}
	}
	return names, nil
}

// Names returns the names of the self-metrics of a weir configured by c, for commands that run no weir.
func Names(c *config.Config) ([]string, error) {
	m, err := New(c, Build{})
	if err != nil {
		return nil, err
	}
	return m.Names()
}
