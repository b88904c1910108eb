package self

import (
	"slices"

	"weir/ingest"
	"weir/ingest/dgram"
	"weir/ingest/relay"
	"weir/protocol"
)

// ingestRows are the self-metrics of what comes in: the ledger, the sockets, the connections and the relay.
var ingestRows = []row{
	// What came in.
	{
		counter, "weir_datagrams_received_total", "Datagrams read from UDP and unixgram sockets.",
		nil, single(func(r *reading) uint64 { return r.total.Ledger.Datagrams }),
	},
	{
		counter, "weir_bytes_received_total", "Bytes read from the sockets.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.Bytes }),
	},
	{
		counter, "weir_lines_received_total", "Lines received, without blank ones.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.Lines }),
	},
	{
		counter, "weir_samples_received_total",
		"Samples received; a malformed line counts as one. " +
			"The sum of the samples recorded, refused, rejected and dropped.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.Samples }),
	},
	{
		counter, "weir_events_total", "DogStatsD events received.",
		[]string{"alert_type", "priority"},
		events,
	},

	// What became of it.
	{
		counter, "weir_samples_recorded_total", "Samples recorded: added to a series, or counted as events.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.Outcomes[protocol.ReasonNone] }),
	},
	{
		counter, "weir_samples_refused_total",
		"Samples refused because their series would exceed a cardinality limit.",
		[]string{"limit"},
		perReason(protocol.Reason.Refused),
	},
	{
		counter, "weir_samples_rejected_total", "Samples rejected because they are malformed or not allowed.",
		[]string{"reason"},
		perReason(protocol.Reason.Rejected),
	},
	{
		counter, "weir_samples_dropped_total", "Samples dropped by a mapping rule with action: drop.",
		nil, single(func(r *reading) uint64 { return r.total.Ledger.Outcomes[protocol.ReasonDropped] }),
	},

	// What was lost before it came in, or odd.
	{
		counter, "weir_kernel_drops_total",
		"Datagrams dropped by the kernel because the receive buffer was full.",
		listener, perListener(func(s *dgram.SocketStats) uint64 { return s.KernelDrops }),
	},
	{
		counter, "weir_datagrams_truncated_total",
		"Datagrams longer than ingest.max_datagram; the rest of each was lost.",
		nil, single(func(r *reading) uint64 { return r.total.Ledger.DatagramsTruncated }),
	},
	{
		counter, "weir_receive_errors_total", "Failed reads from a UDP or unixgram socket.",
		listener, perListener(func(s *dgram.SocketStats) uint64 { return s.ReceiveErrors }),
	},
	{
		counter, "weir_fields_ignored_total",
		"Fields of lines that were ignored because weir does not know them.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.FieldsIgnored }),
	},
	{
		counter, "weir_rates_ignored_total",
		"Bad sample rates that were ignored: see ingest.bad_rates.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.RatesIgnored }),
	},
	{
		counter, "weir_timestamps_off_total",
		"Samples with a timestamp more than a minute off; weir ignores timestamps.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.TimestampsOff }),
	},

	// The sockets and the connections.
	{
		gauge, "weir_receive_queue_bytes", "Kernel memory used by datagrams that weir has not read yet.",
		listener, perListener(func(s *dgram.SocketStats) uint64 { return uint64(s.QueuedBytes) }),
	},
	{
		gauge, "weir_receive_buffer_bytes", "Kernel memory granted to receive buffers.",
		listener, perListener(func(s *dgram.SocketStats) uint64 { return uint64(s.BufferBytes) }),
	},
	{
		gauge, "weir_connections", "Open stream connections.",
		nil, single(func(r *reading) int64 { return r.total.Connections.Active }),
	},
	{
		counter, "weir_connections_opened_total", "Stream connections accepted.",
		nil, single(func(r *reading) uint64 { return r.total.Connections.Opened }),
	},
	{
		counter, "weir_connections_refused_total",
		"Stream connections refused because ingest.max_connections were open.",
		nil, single(func(r *reading) uint64 { return r.total.Connections.Refused }),
	},
	{
		counter, "weir_connections_idle_closed_total",
		"Stream connections closed because no data came for ingest.idle_timeout.",
		nil, single(func(r *reading) uint64 { return r.total.Connections.IdleClosed }),
	},
	{
		counter, "weir_frames_bad_total",
		"Stream connections closed because a packet was longer than ingest.max_datagram.",
		nil, single(func(r *reading) uint64 { return r.total.Connections.FramesBad }),
	},
	{
		gauge, "weir_stream_unfinished_bytes",
		"Bytes of lines over stream connections whose newline has not come yet; they count when it comes, " +
			"or when the connection ends.",
		nil, single(func(r *reading) int64 { return r.total.Connections.UnfinishedBytes }),
	},
	{
		counter, "weir_unix_sockets_reopened_total",
		"Unix sockets opened again because their path was removed.",
		nil, single(func(r *reading) uint64 { return r.total.Reopened }),
	},

	// The relay.
	{
		counter, "weir_relay_lines_sent_total", "Lines sent to a relay target.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.LinesSent }),
	},
	{
		counter, "weir_relay_lines_dropped_total",
		"Lines not sent to a relay target, by the reason.",
		[]string{"target", "reason"},
		relayDrops,
	},
	{
		gauge, "weir_relay_lines_waiting",
		"Lines that wait for a relay target. Each line is sent, dropped, or waits.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.LinesWaiting }),
	},
	{
		counter, "weir_relay_datagrams_sent_total", "Datagrams sent to a relay target.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.DatagramsSent }),
	},
	{
		counter, "weir_relay_connects_total", "Sockets and connections opened to a relay target.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.Connects }),
	},
	{
		counter, "weir_relay_errors_total",
		"Failures to resolve a relay target, to connect, or to send, and connections that it closed.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.Errors }),
	},
}

var transport, listener, target = []string{"transport"}, []string{"listener"}, []string{"target"}

func perTransport(count func(*ingest.Ledger) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		for i := range r.ingest.Transports {
			e(float64(count(&r.ingest.Transports[i].Ledger)), r.ingest.Transports[i].Name)
		}
	}
}

// perListener sums over the loops that share a listener.
func perListener(value func(*dgram.SocketStats) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		var listeners []string
		sums := make(map[string]uint64)
		for i := range r.total.Sockets {
			s := &r.total.Sockets[i]
			if !slices.Contains(listeners, s.Listener) {
				listeners = append(listeners, s.Listener)
			}
			sums[s.Listener] += value(s)
		}
		for _, name := range listeners {
			e(float64(sums[name]), name)
		}
	}
}

func perTarget(count func(*relay.Stats) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		for i := range r.ingest.Relay {
			e(float64(count(&r.ingest.Relay[i])), r.ingest.Relay[i].Target)
		}
	}
}

func relayDrops(r *reading, e emit) {
	for i := range r.ingest.Relay {
		for why := range relay.NumDropReasons {
			e(float64(r.ingest.Relay[i].Dropped[why]), r.ingest.Relay[i].Target, why.String())
		}
	}
}

func perReason(included func(protocol.Reason) bool) func(*reading, emit) {
	return func(r *reading, e emit) {
		for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
			if included(reason) {
				e(float64(r.total.Ledger.Outcomes[reason]), reason.String())
			}
		}
	}
}

func events(r *reading, e emit) {
	for alert := range protocol.NumAlerts {
		for priority := range protocol.NumPriorities {
			e(float64(r.total.Ledger.Events[alert][priority]), alert.String(), priority.String())
		}
	}
}
