package aggregate

import (
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"time"

	"weir/aggregate/distinct"
	"weir/aggregate/exponential"
	"weir/internal/durable"
)

// stateFormat is that of state files. A file of any version up to it can be loaded; a change of the format
// raises the version. The payload is when it was saved, in seconds since the epoch, little endian, and
// records of series.
var stateFormat = durable.Format{Magic: "weir state ", Version: 1}

// ErrState says that a state file cannot be used: it is cut short, damaged, of a newer version, or none.
var ErrState = errors.New("not a usable state file")

// StateFile keeps the series of a registry over restarts. Its methods may be called by one goroutine at a
// time.
type StateFile struct {
	// Path is where it is; a link stays a link. Files beside it begin with the same name: one that is being
	// written ends in ".tmp", one that could not be used in ".bad" or ".version-NNN", perhaps with a number.
	Path string
}

// Save writes every series, beside the writers, and returns how many bytes it wrote. The file is either as it
// was before or whole, whatever happens.
func (f StateFile) Save(r *Registry) (size int64, err error) {
	return stateFormat.Write(f.Path, func(w io.Writer) error {
		if err := binary.Write(w, binary.LittleEndian, r.Now()); err != nil {
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
	_ = durable.RemoveRest(f.Path) // what a crash left is no reason not to start
	err = stateFormat.Read(f.Path, func(_ int, payload io.Reader) error {
		restored, err = load(r, payload)
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
func load(r *Registry, payload io.Reader) (Restored, error) {
	var saved int64
	if err := binary.Read(payload, binary.LittleEndian, &saved); err != nil {
		return Restored{}, fmt.Errorf("%w: %w", durable.ErrDamaged, err)
	}
	away := min(max(r.Now()-saved, 0), int64(maxDuration/time.Second))
	restored, err := restore(r, payload, uint32(away))
	if err != nil {
		err = fmt.Errorf("%w: %w", durable.ErrDamaged, err)
	}
	return restored, err
}

// savedBatch is how many series are saved in one record, so that a large family is never in memory twice.
const savedBatch = 1000

// savedFamily is a record of a state: some series of one family. The names of fields are part of the
// format. Fields may be added; they are zero when an older state is read. A change of a meaning needs
// another version.
type savedFamily struct {
	Name, Help string
	UTF8Name   string // as it was sent; empty when that is Name
	Form       string // the kind of cell: one of savedCellKinds
	TTL        uint32 // of series whose rule has no TTL of its own
	Bounds     []float64
	Native     *savedNative
	Window     *savedWindow
	Series     []savedSeries
}

type savedNative struct {
	Schema, MaxBuckets              int
	ZeroThreshold, MaxZeroThreshold float64
}

type savedWindow struct {
	Quantiles    []float64
	Slices       int
	SliceSeconds uint32
}

// savedSeries is a series with the merged values of its cells.
type savedSeries struct {
	Labels  string
	UTF8    string // with names as they were sent; empty when that is Labels
	Created uint32
	Idle    uint32 // seconds since the last sample
	TTL     uint32
	Newborn bool // it is created as zero

	Value   float64  // of a counter or a gauge; the sum of observations
	Count   uint64   // of a summary
	Buckets []uint64 // of a classic histogram, not cumulative
	Native  *savedBuckets
	Members map[uint64]int64 // of a set: member -> second it was last seen
	Slices  []savedSlice     // of a set that is estimated
}

type savedBuckets struct {
	Schema                       int
	ZeroThreshold                float64
	Zero                         uint64
	PositiveFirst, NegativeFirst int      // of states of before: the index of the first of
	Positive, Negative           []uint64 // neighbouring buckets, and their counts

	PositiveBuckets, NegativeBuckets []exponential.Bucket
}

// savedSlice is a distinct.Slice.
type savedSlice struct {
	Second int64
	Sketch []byte
}

// savedCellKinds are the names of the kinds of cells in a state.
var savedCellKinds = map[cellKind]string{
	cellCounter: "counter", cellGauge: "gauge", cellHistogram: "histogram", cellSummary: "summary",
	cellSet: "set", cellCheck: "check",
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

func (v *saver) family(f *Family) *savedFamily {
	s := &savedFamily{
		Name: f.name, Help: f.help,
		Form: savedCellKinds[f.cellKind], TTL: v.registry.rules.Load().unmatched.ttl,
	}
	if name := f.utf8Name.Load(); name != nil {
		s.UTF8Name = *name
	}
	if f.cellKind == cellHistogram {
		s.Bounds = f.aggregation.bounds
		if n := f.aggregation.native; n != nil {
			s.Native = &savedNative{n.Schema, n.MaxBuckets, n.ZeroThreshold, n.MaxZeroThreshold}
		}
	}
	if w := f.aggregation.window; f.cellKind == cellSummary {
		s.Window = &savedWindow{w.quantiles, w.slices, w.sliceSeconds}
	}
	return s
}

func (v *saver) series(s *Series) savedSeries {
	x := savedSeries{
		Labels:  s.labels.Text(),
		Created: s.created, TTL: s.ttl.Load(), Newborn: s.createdAsZero.word.Load() != 0,
		Idle: idleSeconds(s, v.now),
	}
	if labels := s.extra().utf8Labels.Load(); labels != nil {
		x.UTF8 = labels.Text()
	}
	switch s.family.cellKind {
	case cellCounter:
		x.Value = sumCounters(s.counters.Load())
	case cellHistogram, cellSummary:
		x.setObservations(s.observers.Load(), s.family.aggregation)
	case cellSet:
		x.setMembers(s.sets.Load(), v.now, v.registry.setWindow)
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

func (x *savedSeries) setObservations(first *observer, t *aggregation) {
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
	x.Native = &savedBuckets{
		Schema: b.Schema, ZeroThreshold: b.ZeroThreshold, Zero: b.ZeroCount,
		PositiveBuckets: b.Positive, NegativeBuckets: b.Negative,
	}
}

// setMembers saves the members within the window of a set.
func (x *savedSeries) setMembers(first *set, now uint32, window distinct.Window) {
	var cells []*distinct.Set
	for c := first; c != nil; c = c.next {
		cells = append(cells, &c.Set)
	}
	state := distinct.Save(cells, int64(now), window)
	x.Members = state.Members
	for _, slice := range state.Slices {
		x.Slices = append(x.Slices, savedSlice(slice))
	}
}
