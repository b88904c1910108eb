package aggregate

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"weir/aggregate/journal"
	"weir/aggregate/saved"
)

// Snapshot is which families and series a registry has at one moment. It does not change and may be read by
// any number of goroutines. Values are read, merged over the shards, when a Series is asked for them.
type Snapshot struct {
	// Families has every family with at least one series, sorted by name.
	Families []FamilySeries

	registry *Registry // nil in the snapshot of an empty registry
}

// FamilySeries is a family with the series it had when the snapshot was taken.
type FamilySeries struct {
	*Family

	// Series is sorted by label set.
	Series []*Series

	showZero []*Series // the series that may show 0 instead of their value
}

// Select returns a snapshot of the families for which keep returns true.
func (s *Snapshot) Select(keep func(*FamilySeries) bool) *Snapshot {
	selected := &Snapshot{registry: s.registry}
	for i := range s.Families {
		if keep(&s.Families[i]) {
			selected.Families = append(selected.Families, s.Families[i])
		}
	}
	return selected
}

// Served tells the registry that a scrape was given every series of the snapshot: its response was good, and
// written to the end. From then on, and after Lifetime.Hold, new counters show their value instead of 0. Call
// it once for each such scrape; not for a response that was cut, had no body, or goes to no scraper.
func (s *Snapshot) Served() {
	if s.registry == nil || !s.registry.hasCreatedAsZero.Load() {
		return
	}
	now, hold := s.registry.clock.seconds(), s.registry.hold
	for i := range s.Families {
		for _, series := range s.Families[i].showZero {
			series.createdAsZero.served(now, hold)
		}
	}
}

// Offered tells the registry that values are about to leave the process, in a scrape or a push, and has them
// journaled. A way out calls it with all that it has read, before the first byte made of it leaves; for
// values that it has offered before only if Values.HasZeros.
func (r *Registry) Offered(v *Values) { r.journaling.offered(v) }

// Snapshot returns the families and series of now. The registry's lock is held only to collect what was
// created since the last snapshot, and where series expired: sorting is done beside the writers. It returns
// the same Snapshot as long as no series is created or expires.
func (r *Registry) Snapshot() *Snapshot {
	r.snapshotMu.Lock()
	defer r.snapshotMu.Unlock()
	changes := r.takeChanges()
	if len(changes) == 0 {
		return r.snapshot.Load()
	}
	mayShowZero := r.hasCreatedAsZero.Load()
	var created []namedFamily
	for _, c := range changes {
		isNew := c.sorted == nil
		if mayShowZero {
			c.showZero = slices.Concat(showingZero(c.showZero), showingZero(c.created))
		}
		c.sorted = mergeSorted(living(c.sorted), living(c.created),
			func(x, y *Series) int { return x.labels.Compare(y.labels) })
		if isNew {
			created = append(created, namedFamily{c.name, c.Family})
		}
	}
	families := mergeSorted(r.snapshot.Load().Families, sortByName(created),
		func(x, y FamilySeries) int { return strings.Compare(x.name, y.name) })
	for i := range families {
		families[i].Series, families[i].showZero = families[i].sorted, families[i].Family.showZero
	}
	families = slices.DeleteFunc(families, func(f FamilySeries) bool { return len(f.Series) == 0 })
	r.snapshot.Store(&Snapshot{Families: families, registry: r})
	return r.snapshot.Load()
}

// LastSnapshot returns what Snapshot returned last, an empty one before the first, and never waits.
func (r *Registry) LastSnapshot() *Snapshot { return r.snapshot.Load() }

// change is a family in which series were created, or expired, since the last snapshot.
type change struct {
	*Family

	created []*Series
}

func (r *Registry) takeChanges() []change {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.catalog.takeChanges()
}

// living returns the series of list that have not expired, in a new slice.
func living(list []*Series) []*Series {
	alive := make([]*Series, 0, len(list))
	for _, s := range list {
		if !s.seen.gone() {
			alive = append(alive, s)
		}
	}
	return alive
}

// showingZero returns the series of list that show 0 instead of their value.
func showingZero(list []*Series) (showing []*Series) {
	for _, s := range list {
		if s.IsCreatedAsZero() && !s.seen.gone() {
			showing = append(showing, s)
		}
	}
	return showing
}

// journaling writes the values of counters, histograms and summaries into a journal when they are offered for
// the first time, so that a restart after a kill never shows less.
//
// It writes the value that a series has when it is offered: at least the value that was read, and at most the
// value that was recorded. So all parts of the value are there, also the parts that the way out did not read,
// and a slow way out never replaces newer values by older ones.
type journaling struct {
	isOn atomic.Bool // whether there is a journal; written under mu
	full chan struct{}

	mu      sync.Mutex       // a leaf; guards the fields below, and every journaled
	journal *journal.Journal // nil while w writes nothing

	head         []byte
	words        []uint64
	observations Observations
}

// journaled is what was written of a series or a family last. Its zero value is that of none.
type journaled struct {
	journal   uint64 // its number
	place     journal.Place
	shown     uint64 // a series: a number that differs when the values that were offered do
	isDeleted bool   // a series: nothing more is written
}

// set makes j the journal of all that is offered from now on; nil for none. Afterwards the one before is not
// used.
func (w *journaling) set(j *journal.Journal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.journal = j
	w.isOn.Store(j != nil)
}

// offered writes the values that changed since they were offered last.
func (w *journaling) offered(v *Values) {
	if !w.isOn.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at := 0
	for _, run := range v.Runs() {
		if !run.Family.cellKind.accumulates() || w.journal == nil {
			at += len(run.Series)
			continue
		}
		for i, s := range run.Series {
			shown := fingerprint(run.Family, v.Of(at+i))
			last := &s.ownExtras().journaled
			// Fast path: a journal or a save has it. A 0 that is shown does not say whether lines came.
			if last.journal != 0 && last.shown == shown && !s.IsCreatedAsZero() || last.isDeleted {
				continue
			}
			w.encode(s)
			w.put(s, last)
			last.shown = shown
		}
		at += len(run.Series)
	}
}

// fingerprint returns a number that differs when the sums of a series do. Quantiles and native buckets do not
// count: the former are of no use after a restart, the latter do not change without the sums.
func fingerprint(f *Family, words Words) uint64 {
	switch f.cellKind {
	case cellCounter:
		return words[0]
	case cellSummary:
		words = words[:2]
	default:
		words = words[:2+len(f.aggregation.bounds)]
	}
	return words.Fingerprint()
}

// put writes words as the values of a series. When that cannot be, the journal is incomplete, and says so.
func (w *journaling) put(s *Series, last *journaled) {
	id := w.journal.ID()
	if last.journal == id && !errors.Is(w.journal.Update(last.place, w.words), journal.ErrTooLong) {
		return
	}
	last.journal = id
	family, err := w.family(s.family)
	if err == nil {
		capacity := len(w.words)
		if s.family.HasNative() {
			capacity += capacity/2 + 8 // its buckets become more
		}
		w.head = saved.AppendHead(w.head[:0], family, w.identity(s))
		last.place, err = w.journal.Add(w.head, w.words, capacity)
	}
	if used, most := w.journal.Size(); err != nil || used > most/2 {
		w.askForSave()
	}
}

// family returns the entry of a family, to which the entries of its series refer.
func (w *journaling) family(f *Family) (journal.Place, error) {
	id := w.journal.ID()
	if f.journaled.journal == id {
		return f.journaled.place, nil
	}
	head, _ := json.Marshal((&saver{registry: f.registry}).family(f)) // text, and finite numbers
	place, err := w.journal.Add(head, nil, 0)
	f.journaled = journaled{journal: id, place: place}
	return place, err
}

// identity returns what identifies a series, without its values.
func (*journaling) identity(s *Series) *saved.Series {
	x := &saved.Series{Labels: s.labels.Text(), Created: s.created, TTL: s.ttl.Load()}
	if labels := s.extra().utf8Labels.Load(); labels != nil {
		x.UTF8 = labels.Text()
	}
	return x
}

// encode makes words what a series has now, as saved.Recover reads them.
func (w *journaling) encode(s *Series) {
	f := s.family
	meta := uint64(uint32(s.LastSeen().Unix()))
	if s.IsCreatedAsZero() {
		meta |= saved.CreatedAsZeroBit
	}
	w.words = append(w.words[:0], meta)
	if f.cellKind == cellCounter {
		w.words = append(w.words, math.Float64bits(sumCounters(s.counters.Load())))
		return
	}
	o := &w.observations
	if f.cellKind == cellSummary {
		o.readTotals(s.observers.Load())
		w.words = append(w.words, math.Float64bits(o.Sum), o.Count)
		return
	}
	o.readHistogram(s.observers.Load(), f.aggregation)
	w.words = append(w.words, math.Float64bits(o.Sum))
	if f.aggregation.bounds != nil {
		below := uint64(0)
		for _, count := range o.Buckets {
			w.words, below = append(w.words, count-below), count
		}
	}
	if f.aggregation.native != nil {
		n := o.exponential.Buckets(math.MaxInt)
		w.words = append(w.words, uint64(n.Schema), math.Float64bits(n.ZeroThreshold), n.ZeroCount)
		w.words = saved.AppendBuckets(saved.AppendBuckets(w.words, n.Positive), n.Negative)
	}
}
