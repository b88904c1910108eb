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
	"weir/protocol"
)

// sources are the parts that know the values of the self-metrics.
type sources struct {
	registry *aggregate.Registry
	ingest   *ingest.Server
	expose   *expose.Server
}

// reading is what the sources say at one scrape: one ledger for all rows, so that they add up.
type reading struct {
	ingest    ingest.Stats
	registry  aggregate.Stats
	overflows []aggregate.Overflow
	expose    expose.Stats
}

// emit gives one value of a row, with the values of its labels.
type emit func(value float64, labels ...string)

// selfRow is one family of self-metrics.
type selfRow struct {
	name, help string
	typ        prometheus.ValueType
	labels     []string
	values     func(*reading, emit)
}

const (
	counterRow = prometheus.CounterValue
	gaugeRow   = prometheus.GaugeValue
)

// selfRows is the one table of self-metrics; scrapeHistograms and the process_* and go_* families are all
// that is not in it. README's table is made from it (TestReadmeListsSelfMetrics).
var selfRows = []selfRow{
	{
		"weir_datagrams_received_total", "Datagrams read from the UDP sockets.", counterRow, nil,
		func(r *reading, e emit) { e(float64(r.ingest.UDP.Datagrams)) },
	},
	{
		"weir_datagrams_truncated_total", "Datagrams larger than ingest.max_datagram: their end is lost.", counterRow, nil,
		func(r *reading, e emit) { e(float64(r.ingest.UDP.DatagramsTruncated)) },
	},
	{
		"weir_kernel_drops_total", "Datagrams the kernel dropped because the receive buffer was full.", counterRow,
		[]string{"listener"},
		perListener(func(s *ingest.SocketStats) float64 { return float64(s.KernelDrops) }),
	},
	{
		"weir_receive_errors_total", "Reads from a UDP socket that failed.", counterRow,
		[]string{"listener"},
		perListener(func(s *ingest.SocketStats) float64 { return float64(s.ReceiveErrors) }),
	},
	{
		"weir_receive_queue_bytes", "Kernel memory that holds datagrams not read yet.", gaugeRow,
		[]string{"listener"},
		perListener(func(s *ingest.SocketStats) float64 { return float64(s.QueuedBytes) }),
	},
	{
		"weir_receive_buffer_bytes", "Kernel memory granted to the receive buffers.", gaugeRow,
		[]string{"listener"},
		perListener(func(s *ingest.SocketStats) float64 { return float64(s.BufferBytes) }),
	},
	{
		"weir_bytes_received_total", "Bytes read from the sockets.", counterRow,
		[]string{"transport"},
		perTransport(func(l *ingest.Ledger) uint64 { return l.Bytes }),
	},
	{
		"weir_lines_received_total", "Lines received that were not blank.", counterRow,
		[]string{"transport"},
		perTransport(func(l *ingest.Ledger) uint64 { return l.Lines }),
	},
	{
		"weir_samples_received_total", "Samples received; a malformed line counts as one. " +
			"It is the sum of the samples recorded, refused and rejected.", counterRow,
		[]string{"transport"},
		perTransport(func(l *ingest.Ledger) uint64 { return l.Samples }),
	},
	{
		"weir_samples_recorded_total", "Samples added to a series.", counterRow,
		[]string{"transport"},
		perTransport(func(l *ingest.Ledger) uint64 { return l.Outcomes[protocol.ReasonNone] }),
	},
	{
		"weir_samples_refused_total", "Samples of new series that a limit in cardinality refused.", counterRow,
		[]string{"limit"},
		perReason(protocol.Reason.Refused),
	},
	{
		"weir_samples_rejected_total", "Samples that are malformed or not allowed.", counterRow,
		[]string{"reason"},
		perReason(func(reason protocol.Reason) bool { return !reason.Refused() }),
	},
	{
		"weir_fields_ignored_total", "Fields of lines that weir does not use.", counterRow,
		[]string{"transport"},
		perTransport(func(l *ingest.Ledger) uint64 { return l.FieldsIgnored }),
	},
	{
		"weir_panics_total", "Panics while taking lines or answering: bugs, please report them.", counterRow,
		[]string{"part"},
		func(r *reading, e emit) {
			e(float64(r.ingest.UDP.Panics+r.ingest.TCP.Panics), "ingest")
			e(float64(r.expose.Panics), "expose")
		},
	},
	{
		"weir_connections", "Stream connections open now.", gaugeRow, nil,
		func(r *reading, e emit) { e(float64(r.ingest.ConnectionsActive)) },
	},
	{
		"weir_connections_opened_total", "Stream connections accepted.", counterRow, nil,
		func(r *reading, e emit) { e(float64(r.ingest.ConnectionsOpened)) },
	},
	{
		"weir_connections_refused_total", "Stream connections refused: ingest.max_connections were open.", counterRow, nil,
		func(r *reading, e emit) { e(float64(r.ingest.ConnectionsRefused)) },
	},
	{
		"weir_connections_idle_closed_total", "Stream connections closed after ingest.idle_timeout.", counterRow, nil,
		func(r *reading, e emit) { e(float64(r.ingest.ConnectionsIdleClosed)) },
	},
	{
		"weir_series", "Series there are, without weir's own.", gaugeRow, nil,
		func(r *reading, e emit) { e(float64(r.registry.Series)) },
	},
	{
		"weir_families", "Families there are, without weir's own.", gaugeRow, nil,
		func(r *reading, e emit) { e(float64(r.registry.Families)) },
	},
	{
		"weir_gauges_infinite_total", "Samples that set a gauge to an infinite value.", counterRow, nil,
		func(r *reading, e emit) { e(float64(r.registry.GaugesInfinite)) },
	},
	{
		"weir_cardinality_overflow_total", "Samples of new series that a limit refused, by metric: " +
			"the first hundred by name, the rest as other.", counterRow,
		[]string{"metric"},
		func(r *reading, e emit) {
			for _, o := range r.overflows {
				e(float64(o.Refused), o.Metric)
			}
		},
	},
	{
		"weir_build_info", "A constant 1, labelled by what weir was built from.", gaugeRow,
		[]string{"version", "revision", "goversion"},
		func(_ *reading, e emit) {
			b := readBuild()
			e(1, b.version, b.revision, b.goVersion)
		},
	},
}

func perListener(value func(*ingest.SocketStats) float64) func(*reading, emit) {
	return func(r *reading, e emit) {
		var listeners []string
		sums := make(map[string]float64)
		for i := range r.ingest.Sockets {
			s := &r.ingest.Sockets[i]
			if !slices.Contains(listeners, s.Listener) {
				listeners = append(listeners, s.Listener)
			}
			sums[s.Listener] += value(s)
		}
		for _, listener := range listeners {
			e(sums[listener], listener)
		}
	}
}

func perTransport(count func(*ingest.Ledger) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		e(float64(count(&r.ingest.UDP)), "udp")
		e(float64(count(&r.ingest.TCP)), "tcp")
	}
}

func perReason(included func(protocol.Reason) bool) func(*reading, emit) {
	return func(r *reading, e emit) {
		for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
			if included(reason) {
				e(float64(r.ingest.UDP.Outcomes[reason]+r.ingest.TCP.Outcomes[reason]), reason.String())
			}
		}
	}
}

// scrapeHistograms are the self-metrics that expose observes: how long scrapes took and how large they were.
var scrapeHistograms = []prometheus.HistogramOpts{
	{
		Name: "weir_scrape_duration_seconds", Help: "How long scrapes took, from the request to the last byte.",
		Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	},
	{
		Name: "weir_scrape_size_bytes", Help: "How large expositions were, before compression.",
		Buckets: prometheus.ExponentialBuckets(1<<10, 4, 8),
	},
}

// selfMetrics collects weir's own families.
type selfMetrics struct {
	registry *prometheus.Registry
	duration prometheus.Histogram
	size     prometheus.Histogram
	descs    []*prometheus.Desc // of selfRows

	sources atomic.Pointer[sources] // nil until every part is built
}

func newSelfMetrics(c *config.Config) (*selfMetrics, error) {
	s := &selfMetrics{
		registry: prometheus.NewRegistry(),
		duration: prometheus.NewHistogram(scrapeHistograms[0]),
		size:     prometheus.NewHistogram(scrapeHistograms[1]),
	}
	for _, row := range selfRows {
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
	r := &reading{
		ingest: from.ingest.Stats(), registry: from.registry.Stats(), overflows: from.registry.Overflows(),
		expose: from.expose.Stats(),
	}
	for i, row := range selfRows {
		row.values(r, func(value float64, labels ...string) {
			metrics <- prometheus.MustNewConstMetric(s.descs[i], row.typ, value, labels...)
		})
	}
}

// names returns every name that the self-metrics use in an exposition, so that no sample takes one of them.
func (s *selfMetrics) names() ([]string, error) {
	families, err := s.registry.Gather()
	if err != nil {
		return nil, fmt.Errorf("gather self-metrics: %w", err)
	}
	var names []string
	for _, row := range selfRows {
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
