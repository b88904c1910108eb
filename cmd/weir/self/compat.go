package self

import (
	"runtime"
	"strings"

	"weir/aggregate"
	"weir/ingest"
	"weir/ingest/relay"
	"weir/protocol"
)

// compatRows are the self-metrics of statsd_exporter that weir has the counts for. They are added when a flag
// of statsd_exporter is given, so that its dashboards and alerts go on working. The documentation says which
// are left out, and why.
var compatRows = []row{
	{
		counter, "statsd_exporter_lines_total", "Lines received, without blank ones.",
		nil, ledgerSum(func(l *ingest.Ledger) uint64 { return l.Lines }),
	},
	{
		counter, "statsd_exporter_samples_total", "Samples received; a malformed line counts as one.",
		nil, ledgerSum(func(l *ingest.Ledger) uint64 { return l.Samples }),
	},
	{
		counter, "statsd_exporter_sample_errors_total", "Malformed samples and lines.",
		[]string{"reason"},
		bySampleError,
	},
	{
		counter, "statsd_exporter_events_total", "Samples recorded.",
		[]string{"type"},
		recordedByType,
	},
	{
		counter, "statsd_exporter_events_error_total", "Well-formed samples that are not allowed.",
		[]string{"reason"},
		byReason(eventErrors[:]),
	},
	{
		counter, "statsd_exporter_events_actions_total",
		"Samples dropped by a mapping rule with action: drop.",
		[]string{"action"},
		byReason(eventActions[:]),
	},
	{
		counter, "statsd_exporter_events_conflict_total",
		"Samples rejected because their name has another type.",
		nil, ledgerSum(func(l *ingest.Ledger) uint64 { return l.Outcomes[protocol.ReasonTypeConflict] }),
	},
	{
		counter, "statsd_exporter_udp_packets_total", "Datagrams read from UDP sockets.",
		nil, single(func(r *reading) uint64 { return r.ingest.Transport("udp").Ledger.Datagrams }),
	},
	{
		counter, "statsd_exporter_udp_packet_drops_total",
		"UDP datagrams dropped by the kernel because the receive buffer was full.",
		nil, single(udpDrops),
	},
	{
		counter, "statsd_exporter_unixgram_packets_total", "Datagrams read from the unixgram socket.",
		nil, single(func(r *reading) uint64 { return r.ingest.Transport("unixgram").Ledger.Datagrams }),
	},
	{
		counter, "statsd_exporter_tcp_connections_total", "Stream connections accepted.",
		nil, single(func(r *reading) uint64 { return r.total.Connections.Opened }),
	},
	{
		counter, "statsd_exporter_tcp_too_long_lines_total",
		"Lines received over TCP that were longer than ingest.max_line.",
		nil, single(func(r *reading) uint64 {
			return r.ingest.Transport("tcp").Ledger.Outcomes[protocol.ReasonLineTooLong]
		}),
	},
	{
		counter, "statsd_exporter_relay_packets_total", "Datagrams sent to a relay target.",
		target, perAddress(func(s *relay.Stats) uint64 { return s.DatagramsSent }),
	},
	{
		counter, "statsd_exporter_relay_lines_relayed_total", "Lines sent to a relay target.",
		target, perAddress(func(s *relay.Stats) uint64 { return s.LinesSent }),
	},
	{
		counter, "statsd_exporter_relay_long_lines_total",
		"Lines not sent to a relay target because no datagram can hold them.",
		target, perAddress(func(s *relay.Stats) uint64 { return s.Dropped[relay.DropTooLong] }),
	},
	{
		counter, "statsd_exporter_config_reloads_total", "Reloads of the configuration, by outcome.",
		[]string{"outcome"},
		reloads,
	},
	{
		gauge, "statsd_exporter_loaded_mappings", "Number of mapping rules in force.",
		nil, single(func(r *reading) int64 { return r.reload.Rules }),
	},
	{
		gauge, "statsd_exporter_metrics_total", "Number of metric names, by type.",
		[]string{"type"},
		familiesByType,
	},
	{
		gauge, "statsd_exporter_build_info",
		"Constant 1, labelled with the version that weir was built from.",
		[]string{"branch", "goarch", "goos", "goversion", "revision", "tags", "version"},
		compatBuildInfo,
	},
}

// namedReason is a reason under its name in statsd_exporter.
type namedReason struct {
	reason protocol.Reason
	name   string
}

var sampleErrors = [...]namedReason{
	{protocol.ReasonMalformedLine, "malformed_line"},
	{protocol.ReasonMissingType, "not_enough_parts_after_colon"},
	{protocol.ReasonColonInName, "invalid_extended_aggregate_type"},
	{protocol.ReasonBadValue, "malformed_value"},
	{protocol.ReasonBadRate, "invalid_sample_factor"},
	{protocol.ReasonUnknownType, "illegal_event"},
	{protocol.ReasonMixedTags, "mixed_tagging_styles"},
}

var eventErrors = [...]namedReason{
	{protocol.ReasonNegativeCounter, "illegal_negative_counter"},
	{protocol.ReasonEmptyName, "empty_metric_name"},
}

var eventActions = [...]namedReason{{protocol.ReasonDropped, "drop"}}

func byReason(list []namedReason) func(*reading, emit) {
	return func(r *reading, e emit) {
		for _, named := range list {
			e(float64(r.total.Ledger.Outcomes[named.reason]), named.name)
		}
	}
}

// perAddress names a relay target as --statsd.relay.address does, "host:port".
func perAddress(count func(*relay.Stats) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		for i := range r.ingest.Relay {
			e(float64(count(&r.ingest.Relay[i])), strings.TrimPrefix(r.ingest.Relay[i].Target, "udp://"))
		}
	}
}

// bySampleError counts rates that were ignored, too: statsd_exporter counts and ignores them.
func bySampleError(r *reading, e emit) {
	for _, named := range sampleErrors {
		count := r.total.Ledger.Outcomes[named.reason]
		if named.reason == protocol.ReasonBadRate {
			count += r.total.Ledger.RatesIgnored
		}
		e(float64(count), named.name)
	}
}

func ledgerSum(count func(*ingest.Ledger) uint64) func(*reading, emit) {
	return func(r *reading, e emit) { e(float64(count(&r.total.Ledger))) }
}

// recordedByType leaves out kinds that statsd_exporter does not have: sets, service checks and events.
func recordedByType(r *reading, e emit) {
	kinds := &r.total.Ledger.Recorded
	observed := kinds[protocol.KindTimer] + kinds[protocol.KindHistogram] + kinds[protocol.KindDistribution]
	e(float64(kinds[protocol.KindCounter]+kinds[protocol.KindMeter]), "counter")
	e(float64(kinds[protocol.KindGauge]), "gauge")
	e(float64(observed), "observer")
}

func udpDrops(r *reading) (drops uint64) {
	for _, s := range r.ingest.Transport("udp").Sockets {
		drops += s.KernelDrops
	}
	return drops
}

func familiesByType(r *reading, e emit) {
	counts := make(map[aggregate.Type]int)
	for i := range r.families {
		counts[r.families[i].Type()]++
	}
	for t := aggregate.TypeCounter; t <= aggregate.TypeSummary; t++ {
		e(float64(counts[t]), t.String())
	}
}

// compatBuildInfo leaves branch and tags empty: Go does not write them into a program.
func compatBuildInfo(r *reading, e emit) {
	e(1, "", runtime.GOARCH, runtime.GOOS, r.build.GoVersion, r.build.Revision, "", r.build.Version)
}
