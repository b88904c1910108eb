package main

import (
	"slices"

	"weir/ingest"
	"weir/ingest/relay"
	"weir/protocol"
)

// ingestRows are the self-metrics of what comes in: the ledger, the sockets, the connections and the relay.
var ingestRows = []selfRow{
	// What came in.
	{
		counter, "weir_datagrams_received_total", "Datagrams read from the UDP and unix sockets.",
		nil, single(func(r *reading) uint64 { return r.ingest.UDP.Datagrams + r.ingest.Unixgram.Datagrams }),
	},
	{
		counter, "weir_bytes_received_total", "Bytes read from the sockets.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.Bytes }),
	},
	{
		counter, "weir_lines_received_total", "Lines received that were not blank.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.Lines }),
	},
	{
		counter, "weir_samples_received_total",
		"Samples received; a malformed line counts as one. " +
			"It is the sum of the samples recorded, refused, rejected and dropped.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.Samples }),
	},
	{
		counter, "weir_events_total", "DogStatsD events.",
		[]string{"alert_type", "priority"},
		events,
	},

	// What became of it.
	{
		counter, "weir_samples_recorded_total", "Samples added to a series, and events.",
		transport, perTransport(func(l *ingest.Ledger) uint64 { return l.Outcomes[protocol.ReasonNone] }),
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
		counter, "weir_samples_dropped_total", "Samples that a mapping rule with action: drop matched.",
		nil, single(func(r *reading) uint64 {
			total := r.ingest.Total()
			return total.Outcomes[protocol.ReasonDropped]
		}),
	},

	// What was lost before it came in, or odd.
	{
		counter, "weir_kernel_drops_total",
		"Datagrams the kernel dropped because the receive buffer was full.",
		listener, perListener(func(s *ingest.SocketStats) uint64 { return s.KernelDrops }),
	},
	{
		counter, "weir_datagrams_truncated_total",
		"Datagrams larger than ingest.max_datagram: their end is lost.",
		nil, single(func(r *reading) uint64 {
			return r.ingest.UDP.DatagramsTruncated + r.ingest.Unixgram.DatagramsTruncated
		}),
	},
	{
		counter, "weir_receive_errors_total", "Reads from a UDP socket that failed.",
		listener, perListener(func(s *ingest.SocketStats) uint64 { return s.ReceiveErrors }),
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

	// The sockets and the connections.
	{
		gauge, "weir_receive_queue_bytes", "Kernel memory that holds datagrams not read yet.",
		listener, perListener(func(s *ingest.SocketStats) uint64 { return uint64(s.QueuedBytes) }),
	},
	{
		gauge, "weir_receive_buffer_bytes", "Kernel memory granted to the receive buffers.",
		listener, perListener(func(s *ingest.SocketStats) uint64 { return uint64(s.BufferBytes) }),
	},
	{
		gauge, "weir_connections", "Stream connections open now.",
		nil, single(func(r *reading) int64 { return r.ingest.ConnectionsActive }),
	},
	{
		counter, "weir_connections_opened_total", "Stream connections accepted.",
		nil, single(func(r *reading) uint64 { return r.ingest.ConnectionsOpened }),
	},
	{
		counter, "weir_connections_refused_total",
		"Stream connections refused: ingest.max_connections were open.",
		nil, single(func(r *reading) uint64 { return r.ingest.ConnectionsRefused }),
	},
	{
		counter, "weir_connections_idle_closed_total", "Stream connections closed after ingest.idle_timeout.",
		nil, single(func(r *reading) uint64 { return r.ingest.ConnectionsIdleClosed }),
	},
	{
		counter, "weir_frames_bad_total", "Stream connections closed because of a packet's length.",
		nil, single(func(r *reading) uint64 { return r.ingest.FramesBad }),
	},

	// The relay.
	{
		counter, "weir_relay_lines_sent_total", "Lines copied to another server.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.LinesSent }),
	},
	{
		counter, "weir_relay_lines_dropped_total",
		"Lines that could not be copied: the queue was full, or sending failed.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.LinesDropped }),
	},
	{
		counter, "weir_relay_datagrams_sent_total", "Datagrams sent to another server.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.DatagramsSent }),
	},
	{
		counter, "weir_relay_errors_total",
		"Failures to resolve, open a socket to, or send to another server.",
		target, perTarget(func(s *relay.Stats) uint64 { return s.Errors }),
	},
}

var transport, listener, target = []string{"transport"}, []string{"listener"}, []string{"target"}

func perTransport(count func(*ingest.Ledger) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		r.ingest.Each(func(name string, l *ingest.Ledger) { e(float64(count(l)), name) })
	}
}

// perListener sums over the loops that share a listener.
func perListener(value func(*ingest.SocketStats) uint64) func(*reading, emit) {
	return func(r *reading, e emit) {
		var listeners []string
		sums := make(map[string]uint64)
		for i := range r.ingest.Sockets {
			s := &r.ingest.Sockets[i]
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
