package history

import (
	"sync"
	"time"

	"weir/expose/status/wire"
)

const (
	// Step is how long a step lasts.
	Step = 5 * time.Second

	// Steps is how many are kept: ten minutes.
	Steps = 120

	// recent is how many seconds the rates are over.
	recent = 10
)

// Counts are counts since the start of weir, at one time.
type Counts struct {
	Datagrams, Bytes, Truncated, KernelDrops     uint64
	Lines, Samples                               uint64
	Recorded, Refused, Folded, Rejected, Dropped uint64
	CPUSeconds                                   float64

	// RSSBytes and Series are not counts, but how much there is.
	RSSBytes, Series uint64
}

// entry are the counts at one time.
type entry struct {
	at     time.Time
	counts Counts
}

// History keeps counts: one entry for each of the last seconds, and one for each of the last steps. The zero
// value is empty. It must not be copied.
type History struct {
	mu sync.Mutex
	// Everything below is guarded by mu.

	first   entry // of the first tick: the start
	ticks   uint64
	seconds [recent + 1]entry // of tick n at n % len
	steps   [Steps + 1]entry  // of step n at n % len; step 0 is the start
	seq     uint64            // of the newest step
	peak    wire.Peak
}

// Tick adds the counts of now. Call it about once a second.
func (h *History) Tick(now time.Time, c Counts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := entry{now, c}
	if h.ticks == 0 {
		h.first, h.steps[0] = e, e
	}
	h.seconds[h.ticks%uint64(len(h.seconds))] = e
	h.ticks++
	newest := &h.steps[h.seq%uint64(len(h.steps))]
	if length := now.Sub(newest.at); length >= Step {
		rate := per(c.Lines, newest.counts.Lines, length)
		if rate > h.peak.LinesPerSecond {
			h.peak = wire.Peak{LinesPerSecond: rate, At: seconds(now)}
		}
		h.seq++
		h.steps[h.seq%uint64(len(h.steps))] = e
	}
}

// Rates returns what came per second over the last 10 s, or since the start, and how many cores weir used.
func (h *History) Rates() (rates wire.LedgerRates, cpu float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ticks < 2 {
		return rates, 0
	}
	last := &h.seconds[(h.ticks-1)%uint64(len(h.seconds))]
	from := &h.seconds[0]
	if h.ticks > uint64(len(h.seconds)) {
		from = &h.seconds[h.ticks%uint64(len(h.seconds))]
	}
	length := last.at.Sub(from.at)
	rate := func(of func(*Counts) uint64) float64 { return per(of(&last.counts), of(&from.counts), length) }
	return wire.LedgerRates{
		Datagrams: rate(datagrams), Lines: rate(lines), Samples: rate(samples), Recorded: rate(recorded),
		Refused: rate(refused), Rejected: rate(rejected), Dropped: rate(dropped),
		KernelDrops: rate(kernelDrops),
	}, cores(last, from)
}

// TenMinutes returns the difference between the counts now and the counts of ten minutes ago, or of the
// start, and how many seconds lie between them. Balances is not set.
func (h *History) TenMinutes(at time.Time, now Counts) wire.RecentLedger {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ticks == 0 {
		return wire.RecentLedger{}
	}
	from := h.oldest()
	then := &from.counts
	return wire.RecentLedger{Seconds: at.Sub(from.at).Seconds(), Ledger: wire.Ledger{
		Datagrams: now.Datagrams - then.Datagrams, Bytes: now.Bytes - then.Bytes,
		Truncated: now.Truncated - then.Truncated, KernelDrops: now.KernelDrops - then.KernelDrops,
		Lines: now.Lines - then.Lines, Samples: now.Samples - then.Samples,
		Recorded: now.Recorded - then.Recorded, Refused: now.Refused - then.Refused,
		Folded: now.Folded - then.Folded, Rejected: now.Rejected - then.Rejected,
		Dropped: now.Dropped - then.Dropped,
	}}
}

// oldest returns the oldest step. The caller holds mu.
func (h *History) oldest() *entry {
	if h.seq < uint64(len(h.steps)) {
		return &h.steps[0]
	}
	return &h.steps[(h.seq+1)%uint64(len(h.steps))]
}

// Peak returns the step in which most lines came.
func (h *History) Peak() wire.Peak {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.peak
}

// Since returns the steps after the one with the number seq; all that are kept for 0, and for a number that
// is not known, such as one of before a restart.
func (h *History) Since(seq uint64) wire.History {
	h.mu.Lock()
	defer h.mu.Unlock()
	first := h.seq - min(h.seq, Steps) // the steps after this one are kept
	if seq > first && seq <= h.seq {
		first = seq
	}
	x := newPoints(int(h.seq - first))
	for n := first + 1; n <= h.seq; n++ {
		x.add(&h.steps[(n-1)%uint64(len(h.steps))], &h.steps[n%uint64(len(h.steps))])
	}
	return wire.History{StepSeconds: Step.Seconds(), Seq: h.seq, Points: x.Points}
}

// per returns a rate per second.
func per(now, before uint64, length time.Duration) float64 {
	if length <= 0 || now < before {
		return 0
	}
	return float64(now-before) / length.Seconds()
}

func cores(now, before *entry) float64 {
	length := now.at.Sub(before.at).Seconds()
	if length <= 0 {
		return 0
	}
	return max(0, now.counts.CPUSeconds-before.counts.CPUSeconds) / length
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
