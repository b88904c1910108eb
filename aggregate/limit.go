package aggregate

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/axiomhq/hyperloglog"

	"weir/aggregate/distinct"
	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

const (
	// maxOverflowNames bounds how many metrics an account of refusals lists.
	maxOverflowNames = 100

	// maxOverflows bounds how many metrics are counted each by itself, listed or not.
	maxOverflows = 1000

	// OverflowOther is the metric under which the refusals of metrics that are not listed are counted.
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
	reported uint64 // how many of samples OverflowOther has for good: see rank
}

// limiter decides whether a series may be created, and accounts for the series that it refuses. Guarded by
// Registry.mu.
type limiter struct {
	limits    Limits
	taken     int // places: series, and those kept for the series that others are folded into
	overflows map[string]*overflow
	rest      overflow            // of metrics beyond maxOverflows
	other     uint64              // samples that OverflowOther has for good: see rank
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

// rank chooses which metrics are listed: the metrics with most samples, first in what it returns. A metric
// that is listed gives its place up only to one with twice as many, so that even an attacker makes no more
// than a few thousand names in the life of a process.
//
// Every sample is reported once, under the name of its metric or under OverflowOther. A metric that gains
// or loses its place leaves all its samples so far to OverflowOther, so that no count ever falls. With one
// place:
//
//	samples      listed  under its name  under OverflowOther
//	a 10, b  4   a       a: 10           0 + b's 4
//	a 10, b 25   b       b: 25 - 25      35 (a's 10, b's 25)
//	a 12, b 30   b       b: 30 - 25      35 + a's 2
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

// list is Registry.Overflows.
func (l *limiter) list() []Overflow {
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

// OtherValue is the value that a label gets in place of those beyond max_label_values.
const OtherValue = "other"

var otherValue = []byte(OtherValue)

// labelCap lets a label take only so many values.
type labelCap struct {
	label  string
	values *labelValues
}

// labelValues are the first values that a label took, in all shards. They are remembered until a reload, also
// when the series that have them expire.
type labelValues struct {
	most int
	seed maphash.Seed

	mu    sync.Mutex          // guards taken; a leaf, locked when a raw key is resolved
	taken map[uint64]struct{} // hashes of the values, which take 8 bytes however long a value is
}

// newLabelCaps returns caps for labels with the most values that they may take, by name.
func newLabelCaps(most map[string]int) []labelCap {
	caps := make([]labelCap, 0, len(most))
	for _, label := range slices.Sorted(maps.Keys(most)) {
		values := &labelValues{most: most[label], seed: maphash.MakeSeed(), taken: make(map[uint64]struct{})}
		caps = append(caps, labelCap{label, values})
	}
	return caps
}

// capsOf returns the caps of a rule: its own, and each cap shared by the rules of its file that it does not
// override.
func capsOf(r *mapping.Rule, shared []labelCap) []labelCap {
	if len(r.MaxLabelValues) == 0 {
		return shared
	}
	caps := newLabelCaps(r.MaxLabelValues)
	for _, c := range shared {
		if _, overridden := r.MaxLabelValues[c.label]; !overridden {
			caps = append(caps, c)
		}
	}
	return caps
}

// findCap returns the values that a label may take, nil when it may take any.
func findCap(caps []labelCap, name []byte) *labelValues {
	for i := range caps {
		if caps[i].label == string(name) {
			return caps[i].values
		}
	}
	return nil
}

// count returns how many values were taken, and how many may be.
func (v *labelValues) count() (taken, most int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.taken), v.most
}

// take reports whether a label may take a value, which it remembers. OtherValue takes no place.
func (v *labelValues) take(value []byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.fitsLocked(value) {
		return false
	}
	if string(value) != OtherValue {
		v.taken[maphash.Bytes(v.seed, value)] = struct{}{}
	}
	return true
}

// fits reports what take would, and remembers nothing.
func (v *labelValues) fits(value []byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.fitsLocked(value)
}

func (v *labelValues) fitsLocked(value []byte) bool {
	if _, found := v.taken[maphash.Bytes(v.seed, value)]; found || len(v.taken) < v.most {
		return true
	}
	return string(value) == OtherValue
}
