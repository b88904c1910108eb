package aggregate

import (
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"weir/aggregate/distinct"
	"weir/aggregate/exponential"
	"weir/aggregate/journal"
	"weir/aggregate/saved"
	"weir/internal/durable"
)

// stateFormat is that of state files. A file of any version up to it can be loaded; a change of the format
// raises the version. The payload is when it was saved, in seconds since the epoch, little endian, a Mark
// since version 2, and records of series.
var stateFormat = durable.Format{Magic: "weir state ", Version: 2}

// ErrState says that a state file cannot be used: it is cut short, damaged, of a newer version, or none.
var ErrState = errors.New("not a usable state file")

// StateFile keeps the series of a registry over restarts. Its methods may be called by one goroutine at a
// time.
type StateFile struct {
	// Path is where it is; a link stays a link. Files beside it begin with the same name: one that is being
	// written ends in ".tmp", one that could not be used in ".bad" or ".version-NNN", perhaps with a number.
	Path string
}

// Mark says what a state file is to its journals.
type Mark struct {
	// Journal is the number of the journal that was begun just before the file was: what is offered later is
	// in that one, or in the next one, of a save that was not finished.
	Journal uint64
	// IsClean says that nothing was offered later, because weir was stopping.
	IsClean bool
}

// Save writes every series, beside the writers, and returns how many bytes it wrote. The file is either as it
// was before or whole, whatever happens. It is for a file that has no journals.
func (f StateFile) Save(r *Registry) (size int64, err error) {
	return f.SaveMarked(r, Mark{IsClean: true})
}

// SaveMarked is Save of a file with journals.
func (f StateFile) SaveMarked(r *Registry, m Mark) (size int64, err error) {
	return stateFormat.Write(f.Path, func(w io.Writer) error {
		if err := binary.Write(w, binary.LittleEndian, r.Now()); err != nil {
			return err
		}
		if err := binary.Write(w, binary.LittleEndian, m); err != nil {
			return err
		}
		return (&saver{registry: r, now: r.clock.seconds()}).save(w)
	})
}

// Load restores what the file has; nothing when there is no file. Call it before anything is recorded, while
// no other process uses the file.
//
// A file that cannot be used goes out of the way, and the error is an ErrState that says where it is. A
// file of a newer version is then called PATH.version-NNN, and is never replaced; a damaged one PATH.bad.
// Of those the first ten are kept; then the one that was written first is replaced. Other errors are of the
// file system.
func (f StateFile) Load(r *Registry) (restored Restored, err error) {
	return f.LoadJournaled(r, func(Mark) []*journal.Contents { return nil })
}

// LoadJournaled is Load of a file with journals. When the file is not clean, each series gets the larger
// value of the file and of the journals that open returns for the mark. When there are none, ways out may
// have shown larger values than the file has: counters, histograms and summaries begin at zero then, created
// now.
func (f StateFile) LoadJournaled(
	r *Registry, open func(Mark) []*journal.Contents,
) (restored Restored, err error) {
	_ = durable.RemoveRest(f.Path) // what a crash left is no reason not to start
	err = stateFormat.Read(f.Path, func(version int, payload io.Reader) error {
		restored, err = load(r, version, payload, open)
		return err
	})
	var newer *durable.NewerError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return restored, nil
	case !errors.Is(err, durable.ErrDamaged) && !errors.As(err, &newer):
		return restored, err
	}
	aside, asideErr := durable.SetAside(f.Path, err)
	if asideErr != nil {
		return restored, errors.Join(fmt.Errorf("%w: %w", ErrState, err), asideErr)
	}
	return restored, fmt.Errorf("%w: %w; it is now %s", ErrState, err, aside)
}

// load restores the payload of a state file.
func load(
	r *Registry, version int, payload io.Reader, open func(Mark) []*journal.Contents,
) (restored Restored, err error) {
	var savedAt int64
	mark := Mark{IsClean: true}
	err = binary.Read(payload, binary.LittleEndian, &savedAt)
	if version > 1 {
		err = errors.Join(err, binary.Read(payload, binary.LittleEndian, &mark))
	}
	if err != nil {
		return Restored{}, fmt.Errorf("%w: %w", durable.ErrDamaged, err)
	}
	x := newRestorer(r, savedAt)
	if journals := open(mark); !mark.IsClean {
		x.recovery, err = saved.Recover(journals, r.Now())
		x.isReset = len(journals) == 0 || err != nil
	}
	if err := x.restore(payload); err != nil {
		return x.restored, fmt.Errorf("%w: %w", durable.ErrDamaged, err)
	}
	return x.restored, nil
}

// delete writes that a series is deleted, so that a restart after a kill does not bring it back. What ways
// out have read before, and offer later, is not written. Without a journal, it asks for a save.
func (w *journaling) delete(s *Series) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := &s.ownExtras().journaled
	last.isDeleted = true
	if w.journal == nil {
		w.askForSave()
		return
	}
	w.words = append(w.words[:0], saved.DeletedBit)
	w.put(s, last)
}

// askForSave makes Registry.JournalFull receive.
func (w *journaling) askForSave() {
	select {
	case w.full <- struct{}{}:
	default:
	}
}

// savedBatch is how many series are saved in one record, so that a large family is never in memory twice.
const savedBatch = 1000

// savedCellKinds are the names of the kinds of cells in a state.
var savedCellKinds = map[cellKind]string{
	cellCounter: saved.FormCounter, cellGauge: "gauge", cellHistogram: saved.FormHistogram,
	cellSummary: saved.FormSummary, cellSet: "set", cellCheck: "check",
}

// saver writes the series of a registry as records, beside the writers: each series as it is at some moment
// of that.
type saver struct {
	registry *Registry
	now      uint32
}

func (v *saver) save(w io.Writer) error {
	encoder := gob.NewEncoder(w)
	for _, f := range v.registry.Snapshot().Families {
		for rest := f.Series; len(rest) > 0; {
			batch := rest[:min(len(rest), savedBatch)]
			rest = rest[len(batch):]
			record := v.family(f.Family)
			for _, s := range batch {
				if !s.seen.gone() { // it expired since the snapshot
					record.Series = append(record.Series, v.series(s))
				}
			}
			if err := encoder.Encode(record); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *saver) family(f *Family) *saved.Family {
	s := &saved.Family{
		Name: f.name, Help: f.help,
		Form: savedCellKinds[f.cellKind], TTL: v.registry.rules.Load().unmatched.ttl,
	}
	if name := f.utf8Name.Load(); name != nil {
		s.UTF8Name = *name
	}
	if f.cellKind == cellHistogram {
		s.Bounds = f.aggregation.bounds
		if n := f.aggregation.native; n != nil {
			s.Native = &saved.Native{
				Schema: n.Schema, MaxBuckets: n.MaxBuckets,
				ZeroThreshold: n.ZeroThreshold, MaxZeroThreshold: n.MaxZeroThreshold,
			}
		}
	}
	if w := f.aggregation.window; f.cellKind == cellSummary {
		s.Window = &saved.Window{Quantiles: w.quantiles, Slices: w.slices, SliceSeconds: w.sliceSeconds}
	}
	return s
}

func (v *saver) series(s *Series) saved.Series {
	x := saved.Series{
		Labels:  s.labels.Text(),
		Created: s.created, TTL: s.ttl.Load(), Newborn: s.IsCreatedAsZero(),
		Idle: idleSeconds(s, v.now),
	}
	if labels := s.extra().utf8Labels.Load(); labels != nil {
		x.UTF8 = labels.Text()
	}
	switch s.family.cellKind {
	case cellCounter:
		x.Value = sumCounters(s.counters.Load())
	case cellHistogram, cellSummary:
		setObservations(&x, s.observers.Load(), s.family.aggregation)
	case cellSet:
		setMembers(&x, s.sets.Load(), v.now, v.registry.setWindow)
	default:
		x.Value = s.gauge.value()
	}
	return x
}

// idleSeconds returns how long ago the last sample came.
func idleSeconds(s *Series, now uint32) uint32 {
	least := uint32(math.MaxUint32)
	s.each(func(l *lastSeen) bool {
		second := l.second.Load()
		least = min(least, now-min(second, now))
		return true
	})
	return least
}

func setObservations(x *saved.Series, first *observer, t *aggregation) {
	if t.bounds != nil {
		x.Buckets = make([]uint64, len(t.bounds)+1)
	}
	var sum exponential.Sum
	for c := first; c != nil; c = c.next {
		x.Value += math.Float64frombits(c.sum.Load())
		for i := range c.buckets {
			x.Buckets[i] += c.buckets[i].Load()
		}
		if c.native != nil {
			sum.Add(c.native)
		}
		if c.window != nil {
			x.Count += c.window.Count()
		}
	}
	if sum.Total() == 0 {
		return
	}
	b := sum.Buckets(math.MaxInt)
	x.Native = &saved.Buckets{
		Schema: b.Schema, ZeroThreshold: b.ZeroThreshold, Zero: b.ZeroCount,
		PositiveBuckets: b.Positive, NegativeBuckets: b.Negative,
	}
}

// setMembers saves the members within the window of a set.
func setMembers(x *saved.Series, first *set, now uint32, window distinct.Window) {
	var cells []*distinct.Set
	for c := first; c != nil; c = c.next {
		cells = append(cells, &c.Set)
	}
	state := distinct.Save(cells, int64(now), window)
	x.Members = state.Members
	for _, slice := range state.Slices {
		x.Slices = append(x.Slices, saved.Slice(slice))
	}
}
