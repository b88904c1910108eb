package losses

import (
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/ingest"
	"weir/ingest/dgram"
)

// warnInterval is how often at most weir warns about one thing, after the first times.
const warnInterval = time.Minute

// Ingest is where lines come in: an [ingest.Server].
type Ingest interface {
	// Stats returns the counts now.
	Stats() ingest.Stats
	// Rejects returns the last lines that were rejected, newest first.
	Rejects() []ingest.Reject
}

// Log warns about samples that are being lost, and about odd values. One goroutine at a time may call its
// methods.
type Log struct {
	registry *aggregate.Registry
	ingest   Ingest
	log      zerolog.Logger

	rejects   *rejects
	overflows *overflows
	infinite  *warning
	merged    *warning
	drops     map[string]*warning // of the kernel, by listener
}

// warning limits the warnings of one cause, and knows how much of it the log has.
type warning struct {
	limit *rate.Limiter
	count uint64 // of losses when the last warning was logged
}

func newWarning() *warning { return &warning{limit: newLimiter(1)} }

// newLimiter allows so many at once, and then one in a warnInterval. [rate.Sometimes], which other packages
// use, has no such thing: its First is used up for good, so after an hour somebody who tries a few bad lines
// would see one of them, while a limiter fills up again. Sometimes does not say either whether it ran, and a
// warning counts what was left out.
func newLimiter(first int) *rate.Limiter { return rate.NewLimiter(rate.Every(warnInterval), first) }

// about calls warn with how many losses there were since the last warning, unless that was less than a
// warnInterval ago or there were none.
func (w *warning) about(count uint64, isLast bool, warn func(more uint64)) {
	if count > w.count && (isLast || w.limit.Allow()) {
		more := count - w.count
		w.count = count
		warn(more)
	}
}

// New returns a log of the samples that registry refuses and that from loses.
func New(registry *aggregate.Registry, from Ingest, log zerolog.Logger) *Log {
	return &Log{
		registry: registry, ingest: from, log: log,
		rejects: newRejects(from, log), overflows: newOverflows(registry, log), infinite: newWarning(),
		merged: newWarning(), drops: make(map[string]*warning),
	}
}

// Tick warns about losses since the last Tick, except losses of a cause that the log has enough of: a later
// Tick says how many they were. It is called about once a second.
func (l *Log) Tick() { l.tick(false) }

// Last warns about everything that is not in the log yet.
func (l *Log) Last() { l.tick(true) }

func (l *Log) tick(isLast bool) {
	stats := l.ingest.Stats()
	total := stats.Total()
	l.rejects.tick(&total.Ledger.Outcomes, isLast)
	l.overflows.tick(isLast)
	l.kernelDrops(total.Sockets, isLast)
	odd := l.registry.Stats()
	l.merged.about(odd.NamesMerged, isLast, func(more uint64) {
		l.log.Warn().Uint64("names", more).
			Msg("names that differ became one metric, which has the samples of both: " +
				explain.Printable(odd.NameMerged))
	})
	l.infinite.about(odd.GaugesInfinite, isLast, func(more uint64) {
		l.log.Warn().Uint64("samples", more).Str("gauge", odd.GaugeInfinite).
			Msg("samples set gauges to an infinite value; the last of them is named")
	})
}

// kernelDrops warns about datagrams that the kernel dropped, by listener: the loops share it.
func (l *Log) kernelDrops(sockets []dgram.SocketStats, isLast bool) {
	sums := make(map[string]uint64)
	for i := range sockets {
		sums[sockets[i].Listener] += sockets[i].KernelDrops
	}
	for listener, drops := range sums {
		if l.drops[listener] == nil {
			l.drops[listener] = newWarning()
		}
		l.drops[listener].about(drops, isLast, func(more uint64) {
			l.log.Warn().Str("listener", listener).Uint64("datagrams", more).
				Msg("the kernel dropped datagrams because the receive buffer was full: " +
					"raise ingest.receive_buffer (and net.core.rmem_max), or give weir more CPU")
		})
	}
}
