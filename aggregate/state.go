package aggregate

import (
	"encoding/gob"
	"io"
	"math"

	"weir/aggregate/distinct"
	"weir/aggregate/exponential"
)

// savedBatch is how many series are saved in one record, so that a large family is never in memory twice.
const savedBatch = 1000

// savedFamily is a record of a state: some series of one family. Fields may be added, and then are zero in
// states of before; what changes a meaning needs another stateVersion.
type savedFamily struct {
	Name, Help string
	UTF8Name   string // as it is spelled; empty when that is Name
	Form       string // one of savedForms
	TTL        uint32 // of series that no rule says another of
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

// savedSeries is a series, its cells merged.
type savedSeries struct {
	Labels  string
	UTF8    string // the same as they are spelled; empty when that is Labels
	Created uint32
	Idle    uint32 // seconds since the last sample
	TTL     uint32
	Newborn bool

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
	PositiveFirst, NegativeFirst int
	Positive, Negative           []uint64
}

// savedSlice is a slice of the window of a set. Its number depends on the length of the window, which may be
// another one after a restart.
type savedSlice struct {
	Second int64 // the last that it has until now
	Sketch []byte
}

// savedCellKinds are the names of cellKinds in a state.
var savedCellKinds = map[cellKind]string{
	cellCounter: "counter", cellGauge: "gauge", cellHistogram: "histogram", cellSummary: "summary",
	cellSet: "set", cellCheck: "check",
}

// save writes every series as records, beside the writers: each series as it is at some moment of that.
func (r *Registry) save(w io.Writer) (count int, err error) {
	encoder := gob.NewEncoder(w)
	now := r.clock.seconds()
	for _, f := range r.Snapshot().Families {
		for rest := f.Series; len(rest) > 0; {
			batch := rest[:min(len(rest), savedBatch)]
			rest = rest[len(batch):]
			record := f.saved()
			for _, s := range batch {
				if !s.seen.gone() { // it expired since the snapshot
					record.Series = append(record.Series, s.saved(now))
				}
			}
			if err := encoder.Encode(record); err != nil {
				return count, err
			}
			count += len(batch)
		}
	}
	return count, nil
}

func (f *Family) saved() *savedFamily {
	s := &savedFamily{
		Name: f.name, Help: f.help,
		Form: savedCellKinds[f.cellKind], TTL: f.registry.rules.Load().unmatched.ttl,
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

func (s *Series) saved(now uint32) savedSeries {
	v := savedSeries{
		Labels:  s.labels.Text(),
		Created: s.created, TTL: s.ttl.Load(), Newborn: s.createdAsZero.word.Load() != 0,
		Idle: s.idleSeconds(now),
	}
	if labels := s.extra().utf8Labels.Load(); labels != nil {
		v.UTF8 = labels.Text()
	}
	switch s.family.cellKind {
	case cellCounter:
		v.Value = sumCounters(s.counters.Load())
	case cellHistogram, cellSummary:
		v.setObservations(s.observers.Load(), s.family.aggregation)
	case cellSet:
		v.setMembers(s.sets.Load(), now, s.family.registry.setWindow)
	default:
		v.Value = s.gauge.value()
	}
	return v
}

// idleSeconds returns how long ago the last sample came.
func (s *Series) idleSeconds(now uint32) uint32 {
	least := uint32(math.MaxUint32)
	s.each(func(l *lastSeen) bool {
		second := l.second.Load()
		least = min(least, now-min(second, now))
		return true
	})
	return least
}

func (v *savedSeries) setObservations(first *observer, t *aggregation) {
	if t.bounds != nil {
		v.Buckets = make([]uint64, len(t.bounds)+1)
	}
	var sum exponential.Sum
	for c := first; c != nil; c = c.next {
		v.Value += math.Float64frombits(c.sum.Load())
		for i := range c.buckets {
			v.Buckets[i] += c.buckets[i].Load()
		}
		if c.native != nil {
			sum.Add(c.native)
		}
		if c.window != nil {
			v.Count += c.window.Count()
		}
	}
	if sum.Total() == 0 {
		return
	}
	b := sum.Buckets(math.MaxInt)
	v.Native = &savedBuckets{
		Schema: b.Schema, ZeroThreshold: b.ZeroThreshold, Zero: b.ZeroCount,
		PositiveFirst: b.PositiveFirst, Positive: b.Positive,
		NegativeFirst: b.NegativeFirst, Negative: b.Negative,
	}
}

// setMembers saves what is within the window of a set.
func (v *savedSeries) setMembers(first *set, now uint32, window distinct.Window) {
	var cells []*distinct.Set
	for c := first; c != nil; c = c.next {
		cells = append(cells, &c.Set)
	}
	state := distinct.Save(cells, int64(now), window)
	v.Members = state.Members
	for _, slice := range state.Slices {
		v.Slices = append(v.Slices, savedSlice(slice))
	}
}
