package aggregate

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weir/aggregate/growth"
	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// Type is the type of a family in an exposition.
type Type uint8

// The types of families.
const (
	TypeCounter Type = iota
	TypeGauge
	TypeHistogram
	TypeSummary
)

// String returns the type as an exposition writes it.
func (t Type) String() string {
	switch t {
	case TypeCounter:
		return "counter"
	case TypeGauge:
		return "gauge"
	case TypeHistogram:
		return "histogram"
	default:
		return "summary"
	}
}

// Family is all series of one name. What its methods return never changes; they may be called from any
// goroutine.
type Family struct {
	registry    *Registry
	name        string
	help        string
	cellKind    cellKind
	aggregation *aggregation // of the first sample

	// Written under Registry.mu.
	utf8Name    atomic.Pointer[string] // the name as it was sent; nil when it is name
	utf8Version atomic.Uint32          // changes of utf8Name, and of extras.utf8Labels
	began       atomic.Uint32          // second of the creation of the first series
	rule        atomic.Pointer[mapping.Rule]
	sent        atomic.Pointer[sentNames] // nil until a sample that no rule applies to has named it

	creations growth.Rate // series that samples created; written by any shard

	// Guarded by Registry.mu.
	series   seriesSet
	created  []*Series // since the last snapshot
	changed  bool      // a series was created, or expired, since the last snapshot
	kept     int       // 1 while a place is kept for the series that others are folded into
	restored bool      // from a file, and no sample has confirmed it

	journaled journaled // guarded by journaling.mu

	// Guarded by Registry.snapshotMu.
	sorted   []*Series // as of the last snapshot; replaced, never changed
	showZero []*Series // those of sorted that may show 0; replaced, never changed
}

// Name returns the sanitised name, legal for every Prometheus version, which no other family has.
func (f *Family) Name() string { return f.name }

// Type returns the type of the family in an exposition.
func (f *Family) Type() Type { return f.cellKind.typ() }

// Help returns one sentence on where the family comes from, not escaped.
func (f *Family) Help() string { return f.help }

// Bounds returns the upper bounds of a histogram's classic buckets, rising, without +Inf; nil for other types
// and when there are only native ones. The slice is shared and must not be changed.
func (f *Family) Bounds() []float64 {
	if f.cellKind != cellHistogram {
		return nil
	}
	return f.aggregation.bounds
}

// HasNative reports whether a histogram has native buckets: see Observations.Native.
func (f *Family) HasNative() bool { return f.cellKind == cellHistogram && f.aggregation.native != nil }

// Quantiles returns the quantiles of a summary, each in [0, 1]; nil for other types. The slice is shared and
// must not be changed.
func (f *Family) Quantiles() []float64 {
	if f.cellKind != cellSummary {
		return nil
	}
	return f.aggregation.window.quantiles
}

// UTF8Name returns the name as it was sent: valid UTF-8 without control characters, '"' and '\\'. It is
// Name unless Sanitize.Names is NamesUTF8 and a sender has used a name that is not legal for every
// Prometheus version.
func (f *Family) UTF8Name() string {
	if name := f.utf8Name.Load(); name != nil {
		return *name
	}
	return f.name
}

// UTF8Version returns a number that changes whenever UTF8Name, or Series.UTF8Labels of a series of the
// family, returns another name. The registry takes a new snapshot then.
func (f *Family) UTF8Version() uint32 { return f.utf8Version.Load() }

// Kind returns how the series are kept: the type, or "native" for a histogram without classic buckets, "set"
// or "check" for gauges that are one.
func (f *Family) Kind() string {
	switch {
	case f.cellKind == cellSet, f.cellKind == cellCheck:
		return savedCellKinds[f.cellKind]
	case f.HasNative() && f.aggregation.bounds == nil:
		return "native"
	default:
		return f.Type().String()
	}
}

// Created returns when the first series was created, to a second; one that was restored keeps its time.
func (f *Family) Created() time.Time { return time.Unix(int64(f.began.Load()), 0) }

// NewPerMinute returns about how many series samples created in the last minute.
func (f *Family) NewPerMinute() int { return f.creations.PerMinute(f.registry.clock.seconds()) }

// Rule returns the rule that gave the name to the last raw key that was resolved; nil when no rule applied.
func (f *Family) Rule() *mapping.Rule { return f.rule.Load() }

// LabelCap returns how many values a label of the family has taken, in all families that share the cap, and
// how many it may take; false when the rules in force, or no rule, let it take any.
func (f *Family) LabelCap(name string) (used, most int, found bool) {
	values := findCap(f.registry.rules.Load().capsOf(f.rule.Load()), []byte(name))
	if values == nil {
		return 0, 0, false
	}
	used, most = values.count()
	return used, most, true
}

// SentNames returns the names that the family was sent under where no rule gave the name, the first one
// first: at most nine. The slice is shared and must not be changed.
func (f *Family) SentNames() []string {
	if sent := f.sent.Load(); sent != nil {
		return sent.of(f)
	}
	return nil
}

// WasSentAs reports whether matches returns true for one of SentNames that is not Name. It allocates nothing.
func (f *Family) WasSentAs(matches func(name string) bool) bool {
	sent := f.sent.Load()
	return sent != nil && slices.ContainsFunc(sent.names, matches)
}

// folds reports whether the family has, or may have, a series that others are folded into. Registry.mu is
// held.
func (f *Family) folds() bool {
	return f.kept > 0 || f.folded() != nil && f.registry.catalog.limiter.kept(f.cellKind) > 0
}

// folded returns the series that others are folded into; nil without one. Registry.mu is held.
func (f *Family) folded() *Series { return f.series.get(overflowLabels.ID(f.name), foldedLabels) }

// accepts reports whether samples that would create a family of a kind belong to f. Otherwise they have a
// type conflict.
func (f *Family) accepts(kind cellKind, t *aggregation) bool {
	return f.cellKind == kind || kind.observes() && f.outlives(t)
}

// givesWay reports whether f, restored from a state, gives way to a family of a kind: another configuration,
// or another program, made it.
func (f *Family) givesWay(kind cellKind, t *aggregation) bool {
	return f.restored && (f.cellKind != kind || !f.aggregation.fits(t))
}

// conflictWith says why samples of a kind have a type conflict with f.
func (f *Family) conflictWith(kind cellKind) string {
	return fmt.Sprintf("%s is a %s; a %s was sent", f.name, f.cellKind.typ(), kind.typ())
}

// outlives reports whether f, created under older rules, still accepts observations that the rules of t would
// make another type. Otherwise a reload that changes the observer would reject every existing timer.
func (f *Family) outlives(t *aggregation) bool {
	return f.cellKind.observes() && f.aggregation.rules != t.rules
}

// origin says what family the first sample of a kind creates.
type origin struct {
	cellKind cellKind
	help     string
}

var origins = [protocol.NumKinds]origin{
	protocol.KindCounter:      {cellCounter, "StatsD counter."},
	protocol.KindGauge:        {cellGauge, "StatsD gauge."},
	protocol.KindTimer:        {cellHistogram, "StatsD timer, in seconds."},
	protocol.KindHistogram:    {cellHistogram, "StatsD histogram."},
	protocol.KindDistribution: {cellHistogram, "StatsD distribution."},
	protocol.KindSet:          {cellSet, "StatsD set: distinct members seen within the window."},
	protocol.KindMeter:        {cellCounter, "StatsD meter."},
	protocol.KindCheck:        {cellCheck, "Service check: 0 ok, 1 warning, 2 critical, 3 unknown."},
}

// maxMergedNames bounds how many names of one family are counted as merged.
const maxMergedNames = 8

// sentNames are the names that a family was sent under, the first one first. Immutable.
type sentNames struct {
	names []string // nil when they are only Family.name
}

var sentAsNamed sentNames

func (n *sentNames) of(f *Family) []string {
	if n.names == nil {
		return []string{f.name}
	}
	return n.names
}

// addSent notes a name that the family was sent under. It returns the first name, and whether this one is
// another that was not noted before. Registry.mu is held.
func (f *Family) addSent(name []byte) (first string, isMerged bool) {
	sent := f.sent.Load()
	switch {
	case sent == nil && string(name) == f.name:
		f.sent.Store(&sentAsNamed)
		return f.name, false
	case sent == nil:
		f.sent.Store(&sentNames{[]string{string(name)}})
		return string(name), false
	}
	names := sent.of(f)
	if slices.Contains(names, string(name)) || len(names) > maxMergedNames {
		return names[0], false
	}
	f.sent.Store(&sentNames{append(slices.Clone(names), string(name))})
	return names[0], true
}

// nameChanges counts names that are not what was sent. Written with Registry.mu held; read by anyone.
type nameChanges struct {
	merged, lettersLost atomic.Uint64
	last                atomic.Pointer[string] // of merged; nil before the first
}

// note notes the name under which a sample of a family was sent.
func (c *nameChanges) note(f *Family, sent []byte) {
	isFirst := f.sent.Load() == nil
	first, isMerged := f.addSent(sent)
	if isMerged {
		c.merged.Add(1)
		c.last.Store(new(fmt.Sprintf("%s and %s are both %s", first, sent, f.name)))
	}
	if isFirst && !f.registry.HasUTF8Names() && label.LosesLetters(sent) {
		c.lettersLost.Add(1)
	}
}

func (c *nameChanges) lastText() string {
	if last := c.last.Load(); last != nil {
		return *last
	}
	return ""
}

// namedFamily is a family with its name beside it: a million of them are sorted in a third of the time that
// FamilySeries take, which are large and hold the name behind a pointer. The first scrape waits for that.
type namedFamily struct {
	name   string
	family *Family
}

// sortByName returns families, sorted by name, without their series.
func sortByName(families []namedFamily) []FamilySeries {
	slices.SortFunc(families, func(x, y namedFamily) int { return strings.Compare(x.name, y.name) })
	sorted := make([]FamilySeries, len(families))
	for i := range families {
		sorted[i].Family = families[i].family
	}
	return sorted
}
