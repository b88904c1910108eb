package aggregate

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/axiomhq/hyperloglog"

	"weir/aggregate/distinct"
	"weir/aggregate/label"
	"weir/protocol"
)

const (
	// maxOverflowNames bounds how many metrics an account of refusals lists.
	maxOverflowNames = 100

	// maxOverflows bounds how many metrics are counted each by itself, listed or not.
	maxOverflows = 1000

	// OverflowOther is the metric under which refusals of those that are not listed are counted.
	OverflowOther = "other"
)

// overflowLabels is the label set of the series that others are folded into; foldedLabels is its text.
var (
	overflowLabels = label.Of(`weir_overflow="true"`)
	foldedLabels   = []byte(overflowLabels.Text())
)

// Overflow is how many samples of one metric the limits refused, or folded.
type Overflow struct {
	// Metric is the sanitised name, or OverflowOther.
	Metric string
	// Samples is their number. It never falls while the metric is listed.
	Samples uint64
	// Limit is the limit that was last in the way; ReasonNone for OverflowOther.
	Limit protocol.Reason
}

// overflow counts the samples of one metric that a limit refused or folded.
type overflow struct {
	metric  string
	samples atomic.Uint64                   // since the start; written by any shard
	limit   atomic.Pointer[protocol.Reason] // points into limitReasons

	// Guarded by Registry.mu.
	listed   bool
	reported uint64 // how many of samples were counted under another name than now
}

// limiter decides whether a series may be born, and accounts for those that may not. Guarded by Registry.mu.
type limiter struct {
	limits    Limits
	taken     int // places: series, and those kept for the series that others are folded into
	overflows map[string]*overflow
	rest      overflow            // of metrics beyond maxOverflows
	other     uint64              // what OverflowOther has beyond what is not listed now
	distinct  *hyperloglog.Sketch // series that were refused or folded, by ID
}

func newLimiter(limits Limits) limiter {
	return limiter{limits: limits, overflows: make(map[string]*overflow), distinct: distinct.NewSketch()}
}

// kept returns how many places a family of a form needs beside its series.
func (l *limiter) kept(f cellKind) int {
	if l.limits.OverflowAction == OverflowFold && f.folds() {
		return 1
	}
	return 0
}

// admit reports whether a family with so many places may have more: ReasonNone, or the limit that forbids it.
func (l *limiter) admit(places, more int) protocol.Reason {
	switch {
	case places+more > l.limits.MaxSeriesPerMetric:
		return protocol.ReasonSeriesPerMetric
	case l.taken+more > l.limits.MaxTotalSeries:
		return protocol.ReasonTotalSeries
	default:
		return protocol.ReasonNone
	}
}

// refuse notes that a new series was refused, or folded, and returns what counts its samples.
func (l *limiter) refuse(metric []byte, id label.ID, limit protocol.Reason) *overflow {
	l.distinct.InsertHash(uint64(id))
	o := l.overflows[string(metric)]
	if o == nil {
		if len(l.overflows) >= maxOverflows {
			return &l.rest
		}
		o = &overflow{metric: string(metric), listed: len(l.overflows) < maxOverflowNames}
		l.overflows[o.metric] = o
	}
	o.limit.Store(&limitReasons[limit])
	return o
}

var limitReasons = func() (reasons [protocol.NumReasons]protocol.Reason) {
	for i := range reasons {
		reasons[i] = protocol.Reason(i)
	}
	return reasons
}()

// rank chooses which metrics are listed: those with most samples, first in what it returns. One that is
// listed gives its place up only to one with twice as many, so that even an attacker makes no more than a
// few thousand names in the life of a process. What was counted under OverflowOther stays counted there, so
// that it never falls.
func (l *limiter) rank() []*overflow {
	all := make([]*overflow, 0, len(l.overflows))
	weights := make(map[*overflow]uint64, len(l.overflows))
	for _, o := range l.overflows {
		all = append(all, o)
		weights[o] = o.samples.Load()
		if o.listed {
			weights[o] *= 2
		}
	}
	slices.SortFunc(all, func(a, b *overflow) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), strings.Compare(a.metric, b.metric))
	})
	for i, o := range all {
		if listed := i < maxOverflowNames; listed != o.listed {
			samples := o.samples.Load()
			l.other += samples - o.reported
			o.listed, o.reported = listed, samples
		}
	}
	return all
}

// Overflows returns how many samples the limits refused or folded, by metric: the hundred with most of them,
// most first, and the rest under OverflowOther, which is left out while there is none.
func (r *Registry) Overflows() []Overflow {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &r.limiter
	list := make([]Overflow, 0, min(len(l.overflows), maxOverflowNames)+1)
	ranked := l.rank()
	other := l.other + l.rest.samples.Load()
	for _, o := range ranked {
		if samples := o.samples.Load() - o.reported; o.listed {
			list = append(list, Overflow{Metric: o.metric, Samples: samples, Limit: *o.limit.Load()})
		} else {
			other += samples
		}
	}
	if other > 0 {
		list = append(list, Overflow{Metric: OverflowOther, Samples: other})
	}
	return list
}

// Limits returns the limits in force.
func (r *Registry) Limits() Limits {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.limiter.limits
}

// SetLimits puts other limits in force. Series beyond them live on, and none is born in their place; what was
// refused or folded is judged anew. A family that begins to fold gets a place for that, even when it is full;
// one that ceases to fold keeps what was folded as a series like others.
func (r *Registry) SetLimits(limits Limits) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setLimitsLocked(limits)
}

func (r *Registry) setLimitsLocked(limits Limits) {
	if limits == r.limiter.limits {
		return
	}
	r.options.Limits, r.limiter.limits = limits, limits
	for _, family := range r.families {
		kept := r.limiter.kept(family.cellKind)
		if family.folded() != nil {
			kept = 0 // it has its place
		}
		r.limiter.taken += kept - family.kept
		family.kept = kept
	}
	r.budgetKeysLocked()
	r.roomEpoch.Add(1)
}
