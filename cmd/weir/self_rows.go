package main

import (
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"weir/ingest"
	"weir/protocol"
)

// selfRow is one family of self-metrics.
type selfRow struct {
	typ        prometheus.ValueType
	name, help string
	labels     []string
	values     func(*reading, emit)
}

// emit gives one value of a row, with the values of its labels.
type emit func(value float64, labels ...string)

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// selfRows is the one table of self-metrics; scrapeHistograms and the process_* and go_* families are all
// that is not in it. README's table is made from it (TestReadmeListsSelfMetrics).
var selfRows = []selfRow{
	// What came in.
	{counter, "weir_datagrams_received_total", "Datagrams read from the UDP and unix sockets.", nil, single(
		func(r *reading) float64 { return float64(r.ingest.UDP.Datagrams + r.ingest.Unixgram.Datagrams) })},
	{counter, "weir_bytes_received_total", "Bytes read from the sockets.", transport, perTransport(
		func(l *ingest.Ledger) uint64 { return l.Bytes })},
	{counter, "weir_lines_received_total", "Lines received that were not blank.", transport, perTransport(
		func(l *ingest.Ledger) uint64 { return l.Lines })},
	{counter, "weir_samples_received_total", "Samples received; a malformed line counts as one. " +
		"It is the sum of the samples recorded, refused, rejected and dropped.", transport, perTransport(
		func(l *ingest.Ledger) uint64 { return l.Samples })},
	{counter, "weir_events_total", "DogStatsD events.", []string{"alert_type", "priority"}, events},

	// What became of it.
	{
		counter, "weir_samples_recorded_total",
		"Samples added to a series, and events.", transport, perTransport(
			func(l *ingest.Ledger) uint64 { return l.Outcomes[protocol.ReasonNone] }),
	},
	{
		counter, "weir_samples_refused_total", "Samples of new series that a limit in cardinality refused.",
		[]string{"limit"},
		perReason(protocol.Reason.Refused),
	},
	{
		counter, "weir_samples_rejected_total", "Samples that are malformed or not allowed.",
		[]string{"reason"},
		perReason(protocol.Reason.Rejected),
	},
	{
		counter, "weir_samples_dropped_total", "Samples that a mapping rule with action: drop matched.", nil,
		dropped,
	},
	{counter, "weir_cardinality_overflow_total", "Samples of new series that a limit refused or folded, by " +
		"metric: the hundred with most by name, the rest as other.", []string{"metric"}, overflows},
	{
		gauge, "weir_cardinality_overflow_series",
		"Distinct series that a limit refused or folded since the start, estimated within about 1 %.",
		nil, single(func(r *reading) float64 { return float64(r.registry.SeriesRefused) }),
	},

	// What was lost before it came in, or odd.
	{
		counter, "weir_kernel_drops_total",
		"Datagrams the kernel dropped because the receive buffer was full.",
		listener, perListener(func(s *ingest.SocketStats) float64 { return float64(s.KernelDrops) }),
	},
	{
		counter, "weir_datagrams_truncated_total",
		"Datagrams larger than ingest.max_datagram: their end is lost.",
		nil, single(func(r *reading) float64 {
			return float64(r.ingest.UDP.DatagramsTruncated + r.ingest.Unixgram.DatagramsTruncated)
		}),
	},
	{
		counter, "weir_receive_errors_total", "Reads from a UDP socket that failed.",
		listener, perListener(func(s *ingest.SocketStats) float64 { return float64(s.ReceiveErrors) }),
	},
	{
		counter, "weir_fields_ignored_total", "Fields of lines that no version of the protocol knows.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.FieldsIgnored }),
	},
	{
		counter, "weir_timestamps_off_total",
		"Samples stamped over a minute before or after they came: taken as of now.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.TimestampsOff }),
	},
	{
		counter, "weir_tags_duplicate_total",
		"Tags that gave way to another of their name, once for each raw key.",
		nil, single(func(r *reading) float64 { return float64(r.registry.TagsDuplicate) }),
	},
	{
		counter, "weir_label_values_other_total",
		"Label values beyond max_label_values of a mapping rule, once for each raw key.",
		nil, single(func(r *reading) float64 { return float64(r.registry.ValuesOther) }),
	},
	{
		counter, "weir_exemplar_tags_dropped_total",
		"Tags in series.exemplar_tags that exemplars had no room for.",
		nil, single(func(r *reading) float64 { return float64(r.registry.ExemplarTagsDropped) }),
	},
	{
		counter, "weir_gauges_infinite_total", "Samples that set a gauge to an infinite value.",
		nil, single(func(r *reading) float64 { return float64(r.registry.GaugesInfinite) }),
	},
	{
		counter, "weir_panics_total", "Panics while taking lines or answering: bugs, please report them.",
		[]string{"part"},
		panics,
	},

	// The relay.
	{
		counter, "weir_relay_lines_sent_total", "Lines copied to another server.",
		target, perTarget(func(s *ingest.RelayStats) uint64 { return s.LinesSent }),
	},
	{
		counter, "weir_relay_lines_dropped_total",
		"Lines that could not be copied: the queue was full, or sending failed.",
		target, perTarget(func(s *ingest.RelayStats) uint64 { return s.LinesDropped }),
	},
	{
		counter, "weir_relay_datagrams_sent_total", "Datagrams sent to another server.",
		target, perTarget(func(s *ingest.RelayStats) uint64 { return s.DatagramsSent }),
	},
	{
		counter, "weir_relay_errors_total",
		"Failures to resolve, open a socket to, or send to another server.",
		target, perTarget(func(s *ingest.RelayStats) uint64 { return s.Errors }),
	},

	// What there is now.
	{gauge, "weir_series", "Series there are, without weir's own.", nil, single(
		func(r *reading) float64 { return float64(r.registry.Series) })},
	{counter, "weir_series_expired_total", "Series that expired: no sample came for series.ttl.", nil, single(
		func(r *reading) float64 { return float64(r.registry.SeriesExpired) })},
	{gauge, "weir_families", "Families there are, without weir's own.", nil, single(
		func(r *reading) float64 { return float64(r.registry.Families) })},
	{
		gauge, "weir_receive_queue_bytes", "Kernel memory that holds datagrams not read yet.",
		listener, perListener(func(s *ingest.SocketStats) float64 { return float64(s.QueuedBytes) }),
	},
	{
		gauge, "weir_receive_buffer_bytes", "Kernel memory granted to the receive buffers.",
		listener, perListener(func(s *ingest.SocketStats) float64 { return float64(s.BufferBytes) }),
	},
	{gauge, "weir_connections", "Stream connections open now.", nil, single(
		func(r *reading) float64 { return float64(r.ingest.ConnectionsActive) })},
	{counter, "weir_connections_opened_total", "Stream connections accepted.", nil, single(
		func(r *reading) float64 { return float64(r.ingest.ConnectionsOpened) })},
	{
		counter, "weir_connections_refused_total",
		"Stream connections refused: ingest.max_connections were open.",
		nil, single(func(r *reading) float64 { return float64(r.ingest.ConnectionsRefused) }),
	},
	{
		counter, "weir_connections_idle_closed_total", "Stream connections closed after ingest.idle_timeout.",
		nil, single(func(r *reading) float64 { return float64(r.ingest.ConnectionsIdleClosed) }),
	},
	{
		counter, "weir_frames_bad_total", "Stream connections closed because of a packet's length.",
		nil, single(func(r *reading) float64 { return float64(r.ingest.FramesBad) }),
	},

	// The state.
	{counter, "weir_state_saves_total", "Times that state.file was written.", nil, stateCount(
		func(s *state) float64 { return float64(s.saves.Load()) })},
	{counter, "weir_state_failures_total", "Times that state.file could not be written.", nil, stateCount(
		func(s *state) float64 { return float64(s.failures.Load()) })},
	{
		gauge, "weir_state_last_save_timestamp_seconds", "When state.file was last written, as Unix time.",
		nil, stateCount(func(s *state) float64 { return float64(s.savedAt.Load()) }),
	},
	{gauge, "weir_state_size_bytes", "How large state.file is.", nil, stateCount(
		func(s *state) float64 { return float64(s.size.Load()) })},

	// The configuration.
	{
		gauge, "weir_config_last_reload_successful",
		"Whether the last reload of the configuration was successful: 1 or 0.", nil,
		single(func(r *reading) float64 {
			if r.reload.successful.Load() {
				return 1
			}
			return 0
		}),
	},
	{
		gauge, "weir_config_last_reload_success_timestamp_seconds",
		"When the configuration in force was read, as Unix time.", nil,
		single(func(r *reading) float64 { return float64(r.reload.succeededAt.Load()) }),
	},
	{counter, "weir_config_reloads_total", "Reloads of the configuration.", []string{"outcome"}, reloads},
	{gauge, "weir_mapping_rules", "Mapping rules in force.", nil, single(
		func(r *reading) float64 { return float64(r.reload.rules.Load()) })},

	// The answers.
	{counter, "weir_http_responses_total", "HTTP responses, by status code.", []string{"code"}, responses},
	{
		counter, "weir_http_connections_refused_total", "HTTP connections turned away: too many were open.",
		nil, single(func(r *reading) float64 { return float64(r.expose.Refused) }),
	},
	{
		counter, "weir_http_auth_failures_total", "HTTP requests refused for want of valid credentials.",
		[]string{"reason"},
		authFailures,
	},
	{
		counter, "weir_http_tls_handshake_failures_total", "TLS handshakes that failed.",
		nil, single(func(r *reading) float64 { return float64(r.expose.Guard.HandshakeFailures) }),
	},
	{
		gauge, "weir_http_certificate_expiry_timestamp_seconds",
		"When the certificate of the endpoint ends, in seconds since 1970; only with TLS.",
		nil, certificateExpiry,
	},
	{
		counter, "weir_scrapes_aborted_total",
		"Expositions cut before their end: the client was slow, or left.",
		nil, single(func(r *reading) float64 { return float64(r.expose.Aborted) }),
	},
	{
		counter, "weir_scrapes_late_total",
		"Scrapes that got the last exposition, or none: collecting took too long.",
		nil, single(func(r *reading) float64 { return float64(r.expose.Late) }),
	},
	{counter, "weir_cache_hits_total", "Scrapes that shared an exposition.", nil, single(
		func(r *reading) float64 { return float64(r.expose.CacheHits) })},
	{counter, "weir_cache_misses_total", "Scrapes that an exposition was rendered for.", nil, single(
		func(r *reading) float64 { return float64(r.expose.CacheMisses) })},
	{gauge, "weir_cache_bytes", "Memory that expositions and their pages are kept in.", nil, single(
		func(r *reading) float64 { return float64(r.expose.CacheBytes) })},
	{
		gauge, "weir_http_requests_in_flight", "HTTP requests being answered.",
		nil, single(func(r *reading) float64 { return float64(r.expose.InFlight) }),
	},
	{
		gauge, "weir_build_info", "A constant 1, labelled by what weir was built from.",
		[]string{"version", "revision", "goversion"},
		buildInfo,
	},
}

var transport, listener, target = []string{"transport"}, []string{"listener"}, []string{"target"}

func single(value func(*reading) float64) func(*reading, emit) {
	return func(r *reading, e emit) { e(value(r)) }
}

// stateCount is for rows that are there only when there is a state file.
func stateCount(value func(*state) float64) func(*reading, emit) {
	return func(r *reading, e emit) {
		if r.state.enabled() {
			e(value(r.state))
		}
	}
}

func perTransport(count func(*ingest.Ledger) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		r.ingest.Each(func(name string, l *ingest.Ledger) { e(float64(count(l)), name) })
	}
}

// perListener sums over the loops that share a listener.
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
		for _, name := range listeners {
			e(sums[name], name)
		}
	}
}

func perTarget(count func(*ingest.RelayStats) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		for i := range r.ingest.Relay {
			e(float64(count(&r.ingest.Relay[i])), r.ingest.Relay[i].Target)
		}
	}
}

func perReason(included func(protocol.Reason) bool) func(*reading, emit) {
	return func(r *reading, e emit) {
		total := r.ingest.Total()
		for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
			if included(reason) {
				e(float64(total.Outcomes[reason]), reason.String())
			}
		}
	}
}

func events(r *reading, e emit) {
	total := r.ingest.Total()
	for alert := range protocol.NumAlerts {
		for priority := range protocol.NumPriorities {
			e(float64(total.Events[alert][priority]), alert.String(), priority.String())
		}
	}
}

func responses(r *reading, e emit) {
	for code, n := range r.expose.Responses {
		e(float64(n), strconv.Itoa(code))
	}
}

func reloads(r *reading, e emit) {
	e(float64(r.reload.successes.Load()), "success")
	e(float64(r.reload.failures.Load()), "failure")
}

func dropped(r *reading, e emit) {
	total := r.ingest.Total()
	e(float64(total.Outcomes[protocol.ReasonDropped]))
}

func authFailures(r *reading, e emit) {
	for reason, n := range r.expose.Guard.Failures {
		e(float64(n), reason)
	}
}

func certificateExpiry(r *reading, e emit) {
	if ends := r.expose.Guard.CertificateExpires; !ends.IsZero() {
		e(float64(ends.Unix()))
	}
}

func overflows(r *reading, e emit) {
	for _, o := range r.overflows {
		e(float64(o.Samples), o.Metric)
	}
}

func panics(r *reading, e emit) {
	total := r.ingest.Total()
	e(float64(total.Panics), "ingest")
	e(float64(r.expose.Panics), "expose")
}

func buildInfo(_ *reading, e emit) {
	b := readBuild()
	e(1, b.version, b.revision, b.goVersion)
}
