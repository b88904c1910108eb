package losses

import (
	"slices"
	"strconv"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/ingest"
	"weir/ingest/dgram"
	"weir/protocol"
)

// warnInterval is how often at most weir warns about one thing.
const warnInterval = time.Minute

// Log warns about samples that are being lost: at most once in a warnInterval for each cause. The
// self-metrics count every loss; a log line for each would fill the disk of whoever is flooded. One goroutine
// at a time may call its methods.
type Log struct {
	registry *aggregate.Registry
	ingest   Ingest
	log      zerolog.Logger

	warnings map[string]*warning // by cause
}

// Ingest is where the counts come from: an [ingest.Server].
type Ingest interface {
	// Stats returns the counts now.
	Stats() ingest.Stats
	// Rejects returns the last lines that were rejected, newest first.
	Rejects() []ingest.Reject
}

// warning limits the warnings of one cause, and knows how much of it the log has.
type warning struct {
	limit rate.Sometimes
	count uint64 // of losses when the last warning was logged
}

// New returns a log of what registry refuses and from loses.
func New(registry *aggregate.Registry, from Ingest, log zerolog.Logger) *Log {
	return &Log{registry: registry, ingest: from, log: log, warnings: make(map[string]*warning)}
}

// Tick warns about what was lost since the last warning of the same cause. It is called about once a second.
func (l *Log) Tick() {
	for _, loss := range l.losses() {
		if w := l.warningOf(loss.cause); loss.count > w.count {
			w.limit.Do(func() { l.warn(&loss, w) })
		}
	}
}

// Last warns about everything that is not in the log yet.
func (l *Log) Last() {
	for _, loss := range l.losses() {
		if w := l.warningOf(loss.cause); loss.count > w.count {
			l.warn(&loss, w)
		}
	}
}

func (l *Log) warningOf(cause string) *warning {
	w := l.warnings[cause]
	if w == nil {
		w = &warning{limit: rate.Sometimes{Interval: warnInterval}}
		l.warnings[cause] = w
	}
	return w
}

func (l *Log) warn(lost *loss, w *warning) {
	more := lost.count - w.count
	w.count = lost.count
	lost.warn(l.log.Warn(), more)
}

// loss is one cause of losses, or of odd values.
type loss struct {
	cause string
	count uint64                                  // since the start
	warn  func(event *zerolog.Event, more uint64) // sends the event; more is count since the last warning
}

func (l *Log) losses() []loss {
	stats := l.ingest.Stats()
	total := stats.Total()
	list := make([]loss, 0, int(protocol.NumReasons))
	for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
		if reason.Rejected() {
			list = append(list, l.rejection(reason, total.Ledger.Outcomes[reason]))
		}
	}
	for listener, drops := range dropsByListener(total.Sockets) {
		list = append(list, kernelDrops(listener, drops))
	}
	for _, o := range l.registry.Overflows() {
		list = append(list, l.overflow(o))
	}
	infinite := l.registry.Stats().GaugesInfinite
	return append(list, loss{"infinite", infinite, func(e *zerolog.Event, more uint64) {
		e.Uint64("samples", more).Msg("samples set gauges to an infinite value")
	}})
}

// rejection says how many samples were rejected for one reason, and shows the last of them.
func (l *Log) rejection(reason protocol.Reason, count uint64) loss {
	return loss{reason.String(), count, func(e *zerolog.Event, more uint64) {
		why := explain.Advice(reason)
		e.Stringer("reason", reason).Uint64("samples", more)
		rejects := l.ingest.Rejects() // the newest first
		if i := slices.IndexFunc(rejects, func(r ingest.Reject) bool { return r.Reason == reason }); i >= 0 {
			r := &rejects[i]
			e.Str("line", strconv.Quote(r.Line)).Str("listener", r.Listener).Str("sender", r.Sender).
				Time("at", r.Time)
			if r.Detail != "" { // of this very line, so it says more than the advice
				why = r.Detail
			}
		}
		e.Msg("rejected samples: " + why)
	}}
}

// overflow names the limit that new series of a metric meet, and the label with the most values: the one to
// look at.
func (l *Log) overflow(o aggregate.Overflow) loss {
	return loss{"overflow " + o.Metric, o.Samples, func(e *zerolog.Event, more uint64) {
		limits := l.registry.Limits()
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
		if label, values := l.registry.HighestCardinalityLabel(o.Metric); label != "" {
			e.Str("label", label).Int("label_values", values)
		}
		action := "refused"
		if limits.OverflowAction == aggregate.OverflowFold {
			action = "folded (gauges: refused)"
		}
		e.Msg("a cardinality limit is reached: samples of new series are " + action)
	}}
}

// dropsByListener sums over the loops that share a listener.
func dropsByListener(sockets []dgram.SocketStats) map[string]uint64 {
	sums := make(map[string]uint64)
	for i := range sockets {
		sums[sockets[i].Listener] += sockets[i].KernelDrops
	}
	return sums
}

func kernelDrops(listener string, drops uint64) loss {
	return loss{"kernel " + listener, drops, func(e *zerolog.Event, more uint64) {
		e.Str("listener", listener).Uint64("datagrams", more).
			Msg("the kernel dropped datagrams because the receive buffer was full: " +
				"raise ingest.receive_buffer (and net.core.rmem_max), or give weir more CPU")
	}}
}
