package main

import (
	"slices"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/ingest"
	"weir/protocol"
)

// watchInterval is how often at most one thing is warned about.
const watchInterval = time.Minute

// watch warns, at most once in a watchInterval each, about samples that are being lost. The counters tell
// the rest: a log line for each would fill the disk of whoever is flooded.
type watch struct {
	registry *aggregate.Registry
	ingest   *ingest.Server
	log      zerolog.Logger

	warned map[string]warning // by what is lost
}

// warning is when something was last warned about, and its count then.
type warning struct {
	at    time.Time
	count uint64
}

func newWatch(registry *aggregate.Registry, from *ingest.Server, log zerolog.Logger) *watch {
	return &watch{registry: registry, ingest: from, log: log, warned: make(map[string]warning)}
}

// tick looks at the counters. Called by one goroutine.
func (w *watch) tick(now time.Time) {
	for _, loss := range w.losses() {
		last := w.warned[loss.key]
		if loss.count <= last.count || now.Sub(last.at) < watchInterval {
			continue
		}
		w.warned[loss.key] = warning{at: now, count: loss.count}
		loss.warn(w.log.Warn(), loss.count-last.count)
	}
}

// last warns about everything that was not warned about yet.
func (w *watch) last() { w.tick(time.Now().Add(watchInterval)) }

// loss is one thing that is lost, or odd, and how to say so.
type loss struct {
	key   string
	count uint64
	warn  func(event *zerolog.Event, more uint64)
}

func (w *watch) losses() []loss {
	stats := w.ingest.Stats()
	total := stats.Total()
	list := make([]loss, 0, int(protocol.NumReasons))
	for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
		if reason.Rejected() {
			list = append(list, w.rejection(reason, total.Outcomes[reason]))
		}
	}
	for listener, drops := range dropsByListener(stats.Sockets) {
		list = append(list, kernelDrops(listener, drops))
	}
	for _, o := range w.registry.Overflows() {
		list = append(list, w.overflow(o))
	}
	infinite := w.registry.Stats().GaugesInfinite
	return append(list, loss{"infinite", infinite, func(e *zerolog.Event, more uint64) {
		e.Uint64("samples", more).Msg("gauges were set to an infinite value")
	}})
}

// rejection tells how many samples were rejected for one reason, and shows the last of them.
func (w *watch) rejection(reason protocol.Reason, count uint64) loss {
	return loss{reason.String(), count, func(e *zerolog.Event, more uint64) {
		e.Stringer("reason", reason).Uint64("samples", more)
		rejects := w.ingest.Rejects()
		if i := slices.IndexFunc(rejects, func(r ingest.Reject) bool { return r.Reason == reason }); i >= 0 {
			r := &rejects[i]
			e.Str("line", strconv.Quote(r.Line)).Str("listener", r.Listener).Str("sender", r.Sender).
				Time("at", r.Time)
			if r.Detail != "" {
				e.Str("detail", r.Detail)
			}
		}
		e.Msg("rejected samples: " + explain.Advice(reason))
	}}
}

// overflow tells which limit is in the way of a metric's new series, and which of its labels to look at.
func (w *watch) overflow(o aggregate.Overflow) loss {
	return loss{"overflow " + o.Metric, o.Samples, func(e *zerolog.Event, more uint64) {
		limits := w.registry.Limits()
		e.Str("metric", o.Metric).Uint64("samples", more)
		switch o.Limit {
		case protocol.ReasonSeriesPerMetric:
			e.Stringer("limit", o.Limit).Int("most", limits.MaxSeriesPerMetric)
		case protocol.ReasonTotalSeries:
			e.Stringer("limit", o.Limit).Int("most", limits.MaxTotalSeries)
		default: // several metrics
			e.Int("max_series_per_metric", limits.MaxSeriesPerMetric).
				Int("max_total_series", limits.MaxTotalSeries)
		}
		if label, values := w.registry.Exploding(o.Metric); label != "" {
			e.Str("label", label).Int("label_values", values)
		}
		what := "refused"
		if limits.OverflowAction == aggregate.OverflowFold {
			what = "folded (gauges: refused)"
		}
		e.Msg(what + " samples of new series: a limit in cardinality is reached")
	}}
}

// dropsByListener sums over the loops that share a listener.
func dropsByListener(sockets []ingest.SocketStats) map[string]uint64 {
	sums := make(map[string]uint64)
	for i := range sockets {
		sums[sockets[i].Listener] += sockets[i].KernelDrops
	}
	return sums
}

func kernelDrops(listener string, drops uint64) loss {
	return loss{"kernel " + listener, drops, func(e *zerolog.Event, more uint64) {
		e.Str("listener", listener).Uint64("datagrams", more).
			Msg("the kernel dropped datagrams: the receive buffer was full; " +
				"raise ingest.receive_buffer (and net.core.rmem_max) or give weir more CPU")
	}}
}
