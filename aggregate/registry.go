package aggregate

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/aggregate/distinct"
	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// Registry knows every family and series, whichever shard they were born in. All its methods may be called
// from any goroutine.
type Registry struct {
	options   Options
	rules     atomic.Pointer[ruleset]
	setWindow distinct.Window
	hold      uint32 // seconds for which a newborn counter shows 0, at least
	clock     clock

	keyBudget atomic.Int64 // bytes of raw keys at which a shard forgets them all; written under mu

	mortal           atomic.Bool   // some series may have a TTL
	hasCreatedAsZero atomic.Bool   // some series may show 0
	expirations      atomic.Uint64 // series that expired
	roomEpoch        atomic.Uint64 // rises when a series that was refused may be born; written under mu

	snapshotMu sync.Mutex
	snapshot   *Snapshot // guarded by snapshotMu; the last one, kept until something is born or expires

	mu sync.Mutex // guards what is below; taken at the birth of a raw key, never on a hit

	families  map[string]*Family // by name
	owners    map[string]*Family // by every name an exposition uses; reserved for weir's own families
	limiter   limiter
	series    int       // of all families
	changedIn []*Family // families in which series were born or expired since the last snapshot
	scratch   []byte

	gaugesInfinite infiniteGauges

	tagsDuplicate, valuesOther, exemplarTagsDropped atomic.Uint64
}

// reserved owns the names that no sample may use.
var reserved = &Family{name: "reserved"}

// New returns an empty registry. The options must be valid. It refuses samples whose family would use one
// of the reserved names, those of weir's own families.
func New(o Options, reservedNames ...string) *Registry {
	r := &Registry{
		options:   o.clone(),
		setWindow: distinct.Window(o.Sets.Window / time.Second),
		hold:      seconds(o.Series.Hold),
		snapshot:  &Snapshot{},
		families:  make(map[string]*Family),
		owners:    make(map[string]*Family),
		limiter:   newLimiter(o.Limits),
	}
	for _, name := range append([]string{ServiceCheckFamily}, reservedNames...) {
		r.owners[name] = reserved
	}
	r.budgetKeysLocked()
	r.Tick(time.Now())
	r.SetRules(o.Rules)
	return r
}

// SetRules puts other rules in force. Series keep their values; a shard asks the new rules what its raw keys
// mean from the next second on in which it records. A family keeps its type and its buckets as long as it
// lives.
func (r *Registry) SetRules(rules []*mapping.Rules) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setRulesLocked(rules)
}

func (r *Registry) setRulesLocked(rules []*mapping.Rules) {
	r.options.Rules = slices.Clone(rules)
	r.rules.Store(newRuleset(&r.options))
	r.createInitialLocked()
}

// SetOptions puts other limits, timers, rules, lifetimes (but Lifetime.Hold and ExemplarTags) in force, all
// at once, as SetLimits and SetRules do. The rest of o, which must be valid, has no effect.
func (r *Registry) SetOptions(o Options) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setLimitsLocked(o.Limits)
	o = o.clone()
	r.options.Timers = o.Timers
	r.options.Series.TTL, r.options.Series.CounterBirth = o.Series.TTL, o.Series.CounterBirth
	r.setRulesLocked(o.Rules)
}

// Stats are counts of what a registry holds and has met.
type Stats struct {
	// Families and Series are how many there are.
	Families, Series int
	// SeriesExpired is how many series expired.
	SeriesExpired uint64
	// SeriesRefused is an estimate, within about 1 %, of how many distinct series the limits refused or
	// folded.
	SeriesRefused uint64
	// GaugesInfinite is how often a gauge was set to an infinite value.
	GaugesInfinite uint64
	// GaugeInfinite is the series whose gauge was set to an infinite value last, like `load{host="a"}`; empty
	// when there is none.
	GaugeInfinite string
	// TagsDuplicate is how many tags gave way to another of the same name, counted once for each raw key of a
	// shard.
	TagsDuplicate uint64
	// ValuesOther is how many label values became OtherValue, counted once for each raw key of a shard.
	ValuesOther uint64
	// ExemplarTagsDropped is how many tags exemplars had no room for.
	ExemplarTagsDropped uint64
}

// Stats returns the counts now.
func (r *Registry) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Stats{
		Families: len(r.families), Series: r.series,
		SeriesExpired: r.expirations.Load(), SeriesRefused: r.limiter.distinct.Estimate(),
		GaugesInfinite: r.gaugesInfinite.count.Load(), GaugeInfinite: r.gaugesInfinite.lastName(),
		TagsDuplicate: r.tagsDuplicate.Load(), ValuesOther: r.valuesOther.Load(),
		ExemplarTagsDropped: r.exemplarTagsDropped.Load(),
	}
}

// resolution is what the registry says to a raw key.
type resolution struct {
	series      *Series // nil when the sample is refused
	aggregation *aggregation
	overflow    *overflow // counts the samples when a limit refused or folded them
	reason      protocol.Reason
	transient   bool // the reason lies in the value: other samples of the raw key may pass
}

// resolve returns the series of a sample: Slow path. The names are made before the registry is locked.
func (s *Shard) resolve(m *protocol.Sample) resolution {
	n := s.resolver.resolve(m)
	if n.reason != protocol.ReasonNone {
		return resolution{reason: n.reason}
	}
	if reason := checkScaled(m, n.aggregation.scale); reason != protocol.ReasonNone {
		return resolution{reason: reason, transient: true}
	}
	if s.resolver.duplicates > 0 {
		s.registry.tagsDuplicate.Add(uint64(s.resolver.duplicates))
	}
	if s.resolver.others > 0 {
		s.registry.valuesOther.Add(uint64(s.resolver.others))
	}
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	return s.registry.resolveLocked(&origins[m.Kind], &n)
}

// checkScaled says what forbids a sample of a counter when a rule scales it.
func checkScaled(m *protocol.Sample, scale float64) protocol.Reason {
	if scale == 1 || m.Kind != protocol.KindCounter && m.Kind != protocol.KindMeter {
		return protocol.ReasonNone
	}
	return checkIncrement(m.Value / m.Rate * scale)
}

// resolveLocked returns the series of a named sample, which it brings to life when it is new. It copies what
// it keeps.
func (r *Registry) resolveLocked(o *origin, n *identity) resolution {
	t, name, labels := n.aggregation, n.name, n.labels
	found := resolution{aggregation: t}
	family, reason := r.familyLocked(o, t, name)
	if reason != protocol.ReasonNone {
		return resolution{reason: reason}
	}
	id := n.id
	if family != nil {
		found.series = family.series.get(id, labels)
	}
	if found.series == nil {
		if reason = r.admitLocked(family, t.cellKindOf(o), labels); reason != protocol.ReasonNone {
			found.overflow = r.limiter.refuse(name, id, reason)
			if family == nil || !family.folds() {
				found.reason = reason
				return found
			}
			labels, id, n.utf8.labels = foldedLabels, label.IDOf(name, foldedLabels), nil
			found.series = family.folded()
		}
	}
	if found.series == nil && family != nil && !family.series.hasRoom(id) {
		return resolution{reason: protocol.ReasonHashCollision}
	}
	if found.series == nil {
		if family == nil {
			family = r.newFamilyLocked(string(name), cmp.Or(n.help, o.help), t.cellKindOf(o), t)
		}
		found.series = r.createLocked(family, id, label.Of(string(labels)))
	}
	found.series.setUTF8Locked(n.utf8)
	found.series.seen.touch(r.clock.seconds()) // so that it does not expire before its cell is there
	r.setTTL(found.series, t.ttl)
	return found
}

// familyLocked returns the family of a name, nil when it is free, or why a sample may not join it.
func (r *Registry) familyLocked(o *origin, t *aggregation, name []byte) (*Family, protocol.Reason) {
	family, f := r.families[string(name)], t.cellKindOf(o)
	switch {
	case family == nil:
	case family.restored && (family.cellKind != f || !family.aggregation.fits(t)):
		r.dropLocked(family) // what was restored was made by another configuration, or another program
	case family.cellKind != f && (!f.observes() || !family.outlives(t)):
		return nil, protocol.ReasonTypeConflict
	default:
		family.restored = false
		return family, protocol.ReasonNone
	}
	if f == cellCheck { // whose name is reserved for it
		return nil, protocol.ReasonNone
	}
	return nil, r.claimLocked(name, f)
}

// claimLocked frees the names of a new family, when those that use them were restored and no sample has
// confirmed them: ReasonNone, or why others are in the way.
func (r *Registry) claimLocked(name []byte, f cellKind) protocol.Reason {
	var unconfirmed []*Family
	for _, suffix := range f.suffixes() {
		r.scratch = append(append(r.scratch[:0], name...), suffix...)
		switch owner := r.owners[string(r.scratch)]; {
		case owner == nil:
		case owner == reserved:
			return protocol.ReasonReservedName
		case owner.restored:
			unconfirmed = append(unconfirmed, owner)
		default:
			return protocol.ReasonTypeConflict
		}
	}
	for _, family := range unconfirmed {
		r.dropLocked(family)
	}
	return protocol.ReasonNone
}

// admitLocked reports whether a series may be born in family, or in a new one when that is nil: ReasonNone,
// or the limit that forbids it.
func (r *Registry) admitLocked(family *Family, f cellKind, labels []byte) protocol.Reason {
	switch {
	case family == nil:
		return r.limiter.admit(0, 1+r.limiter.kept(f))
	case family.kept > 0 && string(labels) == overflowLabels.Text():
		return protocol.ReasonNone
	default:
		return r.limiter.admit(family.series.len+family.kept, 1)
	}
}

func (r *Registry) newFamilyLocked(name, help string, f cellKind, t *aggregation) *Family {
	family := &Family{
		registry: r, name: name, cellKind: f, help: help, aggregation: t, kept: r.limiter.kept(f),
	}
	r.limiter.taken += family.kept
	r.families[name] = family
	if f != cellCheck {
		for _, suffix := range f.suffixes() {
			r.owners[name+suffix] = family
		}
	}
	return family
}

func (r *Registry) createLocked(family *Family, id label.ID, labels label.Labels) *Series {
	now := r.clock.seconds()
	series := &Series{labels: labels, family: family, created: uint32(r.clock.wall.Load())}
	series.seen.touch(now)
	if r.options.Series.CounterBirth == BirthZero && family.cellKind.accumulates() {
		series.beginAtZero(now)
	}
	family.series.add(id, series)
	family.created = append(family.created, series)
	r.changedLocked(family)
	r.series++
	if r.series > usualSeries {
		r.budgetKeysLocked()
	}
	if family.kept > 0 && labels == overflowLabels {
		family.kept = 0 // it takes the place that was kept for it
	} else {
		r.limiter.taken++
	}
	return series
}

func (r *Registry) setTTL(s *Series, ttl uint32) {
	s.ttl.Store(ttl)
	if ttl > 0 && !r.mortal.Load() {
		r.mortal.Store(true)
	}
}

// changedLocked notes that the next snapshot must look at family.
func (r *Registry) changedLocked(family *Family) {
	if !family.changed {
		family.changed = true
		r.changedIn = append(r.changedIn, family)
	}
}
