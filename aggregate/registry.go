package aggregate

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weir/aggregate/distinct"
	"weir/aggregate/growth"
	"weir/aggregate/journal"
	"weir/aggregate/rawkey"
	"weir/protocol"
)

// Registry knows every family and series, whichever shard created them. All its methods may be called from
// any goroutine.
type Registry struct {
	options   Options // guarded by mu, except for Sanitize, Sets and Series.ExemplarTags, which do not change
	rules     atomic.Pointer[ruleset]
	setWindow distinct.Window
	hold      uint32 // seconds for which a series shows 0 after its creation, at least
	clock     clock

	keyBudget *rawkey.Budget

	mortal           atomic.Bool   // some series may have a TTL
	hasCreatedAsZero atomic.Bool   // some series may show 0 instead of their value
	expirations      atomic.Uint64 // series that expired, or were deleted
	deletions        atomic.Uint64 // of them
	roomEpoch        atomic.Uint64 // rises when a series that was refused may be created; written under mu

	onCreate atomic.Pointer[func(*Creation)] // see OnCreate

	growth         growth.Labels // of series that samples created
	names          nameChanges
	gaugesInfinite infiniteGauges

	tagsDuplicate, valuesOther, exemplarTagsDropped, nativeReductions atomic.Uint64

	journaling journaling

	snapshotMu sync.Mutex
	snapshot   atomic.Pointer[Snapshot] // of now, until a series comes or goes; stored under snapshotMu

	mu      sync.Mutex // taken when a raw key is resolved, never on a hit
	catalog *catalog   // guarded by mu
}

// New returns an empty registry. The options must be valid. It refuses samples whose family would use one
// of the reserved names, the names of weir's own families.
func New(o Options, reservedNames ...string) *Registry {
	r := &Registry{
		options:    o.clone(),
		setWindow:  distinct.Window(o.Sets.Window / time.Second),
		hold:       seconds(o.Series.Hold),
		keyBudget:  rawkey.NewBudget(),
		journaling: journaling{full: make(chan struct{}, 1)},
	}
	r.snapshot.Store(&Snapshot{})
	r.catalog = newCatalog(r, append([]string{ServiceCheckFamily}, reservedNames...))
	r.Tick(time.Now())
	r.setRulesLocked()
	return r
}

// SetOptions puts the limits, the timers, the rules, the TTL and the counter birth of o in force, all at
// once; the rest of o, which must be valid, has no effect.
//
// Series keep their values, also beyond a limit. A shard asks what its raw keys mean under the new rules
// when it first records in another second. A family keeps its type and its buckets as long as it lives.
// What was refused or folded is decided again. A family that begins to fold gets a place for that, even
// when it is full; one that ceases to fold keeps what was folded as a series like others.
func (r *Registry) SetOptions(o Options) {
	o = o.clone()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.catalog.setLimits(o.Limits)
	r.options.Limits, r.options.Timers, r.options.Rules = o.Limits, o.Timers, o.Rules
	r.options.Series.TTL, r.options.Series.CounterBirth = o.Series.TTL, o.Series.CounterBirth
	r.setRulesLocked()
}

// setRulesLocked puts the rules of the options in force.
func (r *Registry) setRulesLocked() {
	rules := newRuleset(&r.options, r.Now())
	r.rules.Store(rules)
	r.catalog.createInitial(rules)
}

// NewShard returns a new, empty shard of the registry, which reads tags in all dialects and makes no labels
// of origins.
func (r *Registry) NewShard() *Shard {
	return r.NewTaggedShard(Tagging{Dialects: protocol.AllDialects})
}

// NewTaggedShard returns a new, empty shard of the registry.
func (r *Registry) NewTaggedShard(t Tagging) *Shard { return newShard(r, t) }

// SetJournal makes j the journal that has everything that is offered from now on; nil for none. The journal
// before it is not used any more when SetJournal returns.
func (r *Registry) SetJournal(j *journal.Journal) { r.journaling.set(j) }

// JournalFull receives when a journal is half full, or incomplete: it is time for a save, and another one. So
// it does when a series was deleted and there is no journal.
func (r *Registry) JournalFull() <-chan struct{} { return r.journaling.full }

// Tick tells the registry the time, to a second. Call it about once a second, from any goroutine, with a
// time that has a monotonic reading.
func (r *Registry) Tick(now time.Time) { r.clock.tick(now) }

// Now returns the coarse wall clock of the registry, in seconds since the epoch: that of the last Tick.
func (r *Registry) Now() int64 { return r.clock.wall.Load() }

// Sweep lets series expire that no sample came to for their TTL, by the time of the last Tick, and native
// histograms that need a reset (see Native.MinReset); it returns how many. Their names and places are free
// then; a shard lets go of its cells with its next samples. Call it from a goroutine of its own, every few
// seconds: it looks at every series.
func (r *Registry) Sweep() (count int) {
	if !r.mortal.Load() && r.rules.Load().nativeMinReset == 0 {
		return 0
	}
	s := sweeper{registry: r, now: r.clock.seconds()}
	s.sweep(r.Snapshot())
	if s.count > 0 {
		r.Snapshot() // lets go of them
	}
	return s.count
}

// Delete removes series, whatever their TTL, and returns how many it removed: a series that expired or was
// deleted before does not count. Their names and places are free then. A sample that comes later creates such
// a series again, from zero. A deletion is in the journal when Delete returns; without a journal, JournalFull
// asks for a save.
func (r *Registry) Delete(series []*Series) (count int) {
	for batch := range slices.Chunk(series, sweepBatch) {
		count += r.deleteBatch(batch)
	}
	r.Snapshot() // lets go of them
	return count
}

func (r *Registry) deleteBatch(batch []*Series) (count int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range batch {
		if !s.seen.gone() {
			r.journaling.delete(s) // before a successor can be offered
			s.letGo()
			r.catalog.remove(s)
			count++
		}
	}
	if count > 0 {
		r.deletions.Add(uint64(count))
		r.expirations.Add(uint64(count))
		r.roomEpoch.Add(1)
	}
	return count
}

// Stats are counts of what a registry holds and has met.
type Stats struct {
	// Families and Series are how many the registry has now.
	Families, Series int
	// SeriesExpired is how many series expired.
	SeriesExpired uint64
	// SeriesDeleted is how many series were deleted: see Delete.
	SeriesDeleted uint64
	// SeriesRefused is an estimate, within about 1 %, of how many distinct series the limits refused or
	// folded.
	SeriesRefused uint64
	// GaugesInfinite is how often a gauge was set to an infinite value.
	GaugesInfinite uint64
	// GaugeInfinite is the series whose gauge was set to an infinite value last, like `load{host="a"}`; empty
	// without such a gauge.
	GaugeInfinite string
	// NamesMerged is how many names that were sent became a family that was first sent under another name, at
	// most eight for each family; names that a rule gives do not count. NameMerged is the last of them, like
	// `a.b and a_b are both a_b`; empty before the first.
	NamesMerged uint64
	NameMerged  string
	// NamesLettersLost is how many families have a name in which letters were replaced.
	NamesLettersLost uint64
	// TagsDuplicate is how many tags gave way to another of the same name, counted once for each raw key of a
	// shard.
	TagsDuplicate uint64
	// ValuesOther is how many label values became OtherValue, counted once for each raw key of a shard.
	ValuesOther uint64
	// NativeReductions is how often native histograms lost resolution: a zero bucket was widened, or the
	// number of buckets halved.
	NativeReductions uint64
	// ExemplarTagsDropped is how many tags did not fit into an exemplar.
	ExemplarTagsDropped uint64
}

// Stats returns the counts now.
func (r *Registry) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	deleted := r.deletions.Load()
	return Stats{
		Families: len(r.catalog.families), Series: r.catalog.series,
		SeriesExpired: r.expirations.Load() - deleted, SeriesDeleted: deleted,
		SeriesRefused: r.catalog.limiter.distinct.Estimate(),
		NamesMerged:   r.names.merged.Load(), NameMerged: r.names.lastText(),
		NamesLettersLost: r.names.lettersLost.Load(),
		GaugesInfinite:   r.gaugesInfinite.count.Load(), GaugeInfinite: r.gaugesInfinite.lastName(),
		TagsDuplicate: r.tagsDuplicate.Load(), ValuesOther: r.valuesOther.Load(),
		NativeReductions: r.nativeReductions.Load(), ExemplarTagsDropped: r.exemplarTagsDropped.Load(),
	}
}

// OnCreate makes the goroutine of a shard call report after it has created a series for a sample; nil ends
// that. Any goroutine may call it, at any time. report must not use the shard.
func (r *Registry) OnCreate(report func(*Creation)) {
	if report == nil {
		r.onCreate.Store(nil)
		return
	}
	r.onCreate.Store(&report)
}

func (r *Registry) reportCreation(s *Series, sent []byte) {
	now := r.clock.seconds()
	s.family.creations.Add(now)
	r.growth.Note(s.labels, now)
	if report := r.onCreate.Load(); report != nil {
		(*report)(&Creation{
			Sent: string(sent), Family: s.family.name,
			Series: s.family.name + s.labels.String(), Type: s.family.Type(),
		})
	}
}

// Limits returns the limits in force.
func (r *Registry) Limits() Limits {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.catalog.limiter.limits
}

// Overflows returns how many samples the limits refused or folded, by metric: the hundred metrics with most
// of them, most first, and the rest under OverflowOther, which is left out while it would be 0.
func (r *Registry) Overflows() []Overflow {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.catalog.limiter.list()
}

// Refused returns how many samples of a metric the limits refused or folded. Of metrics beyond the thousand
// that are counted each by itself, it is 0.
func (r *Registry) Refused(metric string) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if o := r.catalog.limiter.overflows[metric]; o != nil {
		return o.samples.Load()
	}
	return 0
}

// LabelGrowth returns which values a label took in series that samples created; false when none is known.
func (r *Registry) LabelGrowth(name string) (growth.Label, bool) {
	return r.growth.Of(name, r.clock.seconds())
}

// LabelGrowthBytes returns how much memory LabelGrowth needs: less than 1 MiB.
func (r *Registry) LabelGrowthBytes() int { return r.growth.Bytes() }

// HighestCardinalityLabel returns the label of a family that has the most distinct values, and how many: the
// label to look at when a limit refuses series of the family. When the registry has no family of that name,
// the family with the most series counts. The label is "" when the family has no labels.
//
// It walks every series of the family. Call it only when there is something to warn about.
func (r *Registry) HighestCardinalityLabel(metric string) (label string, values int) {
	return highestCardinality(familyOrLargest(r.Snapshot(), metric).Series)
}

// KeepsExemplars reports whether any series can have an exemplar.
func (r *Registry) KeepsExemplars() bool { return len(r.options.Series.ExemplarTags) > 0 }

// HasUTF8Names reports whether names may be other than legacy ones: Sanitize.Names is NamesUTF8.
func (r *Registry) HasUTF8Names() bool { return r.options.Sanitize.Names == NamesUTF8 }

// resolve returns the series of a sample by its identity, and creates it when it is new.
func (r *Registry) resolve(o *origin, n *identity) resolution {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.catalog.resolve(o, n)
}

// find returns the series with an identity, nil when the registry has none.
func (r *Registry) find(n *identity) *Series {
	r.mu.Lock()
	defer r.mu.Unlock()
	if family := r.catalog.families[string(n.name)]; family != nil {
		return family.series.get(n.id, n.labels)
	}
	return nil
}
