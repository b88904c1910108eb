package aggregate

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"weir/aggregate/distinct"
	"weir/aggregate/exponential"
	"weir/aggregate/label"
	"weir/aggregate/saved"
)

// restorer creates the series of a state again. Their values are in cells of a shard of its own, which
// nothing writes to afterwards.
type restorer struct {
	registry *Registry
	shard    *Shard
	away     uint32          // seconds since the state was saved
	recovery *saved.Recovery // nil when there are no journals
	isReset  bool            // counters, histograms and summaries begin at zero
	restored Restored
}

// Restored is what became of the series of a state.
type Restored struct {
	// Series is how many were restored.
	Series int
	// Skipped is how many were not: a limit, or another family, was in the way.
	Skipped int
	// Reset is how many of the restored series begin at zero: see LoadJournaled.
	Reset int
}

// StartFromZero makes all that accumulates begin at zero, created now. It is for values that were restored
// and cannot be kept from now on: the next process would restore them once more. Call it before anything is
// recorded or read.
func StartFromZero(r *Registry) {
	for _, f := range r.Snapshot().Families {
		if !f.cellKind.accumulates() {
			continue
		}
		for _, s := range f.Series {
			s.created = uint32(r.Now())
			s.counters.Store(nil) // the cells of the restorer are all there are
			s.observers.Store(nil)
		}
	}
}

func newRestorer(r *Registry, savedAt int64) *restorer {
	away := min(max(r.Now()-savedAt, 0), int64(maxDuration/time.Second))
	x := &restorer{registry: r, shard: r.NewShard(), away: uint32(away)}
	x.shard.second()
	return x
}

// restore reads the records that a saver wrote, and the series that only the journals have.
func (x *restorer) restore(from io.Reader) error {
	decoder := gob.NewDecoder(from)
	for {
		var record saved.Family
		if err := decoder.Decode(&record); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if x.recovery != nil && !x.isReset {
			x.recovery.Raise(&record, x.away)
		}
		if err := x.family(&record); err != nil {
			return fmt.Errorf("family %q: %w", record.Name, err)
		}
	}
	if x.recovery == nil || x.isReset {
		return nil
	}
	x.away = 0
	for _, record := range x.recovery.Rest() {
		if err := x.family(record); err != nil {
			return fmt.Errorf("family %q: %w", record.Name, err)
		}
	}
	return nil
}

func (x *restorer) family(f *saved.Family) error {
	o, t, err := aggregationOf(f, x.registry.rules.Load().unmatched)
	if err != nil {
		return err
	}
	isReset := x.isReset && o.cellKind.accumulates()
	for i := range f.Series {
		if isReset {
			f.Series[i].Begin(uint32(x.registry.Now()))
		}
		labels, err := f.Series[i].ParseLabels()
		if err != nil {
			return err
		}
		s := x.create(f, o, t, &f.Series[i], labels)
		if s == nil {
			x.restored.Skipped++
			continue
		}
		if err := x.fill(s, &f.Series[i]); err != nil {
			return err
		}
		x.restored.Series++
		if isReset {
			x.restored.Reset++
		}
	}
	return nil
}

// aggregationOf returns the aggregation of a family: usual when that is the same.
func aggregationOf(f *saved.Family, usual *aggregation) (*origin, *aggregation, error) {
	o := &origin{help: f.Help, cellKind: numCellKinds}
	for cellKind, name := range savedCellKinds {
		if name == f.Form {
			o.cellKind = cellKind
		}
	}
	t := &aggregation{observations: o.cellKind, bounds: f.Bounds, scale: 1}
	switch {
	case o.cellKind == numCellKinds:
		return nil, nil, fmt.Errorf("unknown type %q", f.Form)
	case o.cellKind == cellSummary && f.Window == nil,
		f.Window != nil && (f.Window.SliceSeconds == 0 || f.Window.Slices < 1):
		return nil, nil, errors.New("a summary without a window")
	}
	if f.Native != nil {
		t.native = &exponential.Options{
			Schema: f.Native.Schema, MaxBuckets: f.Native.MaxBuckets,
			ZeroThreshold: f.Native.ZeroThreshold, MaxZeroThreshold: f.Native.MaxZeroThreshold,
		}
	}
	if f.Window != nil {
		t.window = &windowOptions{f.Window.Quantiles, f.Window.Slices, f.Window.SliceSeconds}
	}
	if !o.cellKind.observes() || usual.observations == o.cellKind && usual.fits(t) {
		t = usual
	}
	return o, t, nil
}

// create returns the new series of v, or nil when there cannot be one.
func (x *restorer) create(
	f *saved.Family, o *origin, t *aggregation, v *saved.Series, labels label.Labels,
) *Series {
	r, c := x.registry, x.registry.catalog
	r.mu.Lock()
	defer r.mu.Unlock()
	family, id := c.families[f.Name], labels.ID(f.Name)
	switch {
	case family == nil && o.cellKind != cellCheck && c.claim([]byte(f.Name), o.cellKind) != 0,
		family != nil && (family.cellKind != o.cellKind || family.series.get(id, []byte(v.Labels)) != nil ||
			!family.series.hasRoom(id)),
		c.admit(family, o.cellKind, []byte(v.Labels)) != 0:
		return nil
	case family == nil:
		family = c.newFamily(f.Name, o.help, o.cellKind, t)
		family.restored = true
	}
	s := c.create(family, id, labels)
	if r.options.Sanitize.Names == NamesUTF8 {
		c.setUTF8(s, utf8Names{orNil(f.UTF8Name), orNil(v.UTF8)})
	}
	s.created = v.Created
	family.began.Store(min(family.began.Load(), v.Created))
	c.setTTL(s, x.ttl(f, v))
	s.createdAsZero.end()
	if v.Newborn {
		s.showZero(x.shard.now)
	}
	s.seen.second.Store(x.lastSeen(v))
	return s
}

func orNil(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// ttl returns the TTL that was saved, when it came from a rule, otherwise that of the options of now.
func (x *restorer) ttl(f *saved.Family, v *saved.Series) uint32 {
	if v.TTL == f.TTL {
		return x.registry.rules.Load().unmatched.ttl
	}
	return v.TTL
}

// lastSeen returns when the last sample came, on this registry's clock.
func (x *restorer) lastSeen(v *saved.Series) uint32 {
	return x.shard.now - min(x.shard.now, v.Idle+x.away)
}

// fill gives the value to a series.
func (x *restorer) fill(s *Series, v *saved.Series) error {
	switch s.family.cellKind {
	case cellCounter:
		c := ownCell(x.shard, &s.counters, x.shard.newCounter)
		c.bits.Store(math.Float64bits(v.Value))
		c.seen.second.Store(x.lastSeen(v))
	case cellHistogram, cellSummary:
		c := ownCell(x.shard, &s.observers, func() *observer { return newObserver(s.family.aggregation) })
		c.seen.second.Store(x.lastSeen(v))
		return fillObserver(v, c)
	case cellSet:
		c := ownCell(x.shard, &s.sets, func() *set { return &set{} })
		c.seen.second.Store(x.lastSeen(v))
		return fillSet(v, c, x.registry.setWindow)
	default:
		s.gauge.set(v.Value)
	}
	return nil
}

func fillObserver(x *saved.Series, c *observer) error {
	c.sum.Store(math.Float64bits(x.Value))
	if len(x.Buckets) != len(c.buckets) {
		return fmt.Errorf("%d buckets of %d", len(x.Buckets), len(c.buckets))
	}
	for i, n := range x.Buckets {
		c.buckets[i].Store(n)
	}
	if c.window != nil {
		c.window.Restore(x.Count)
	}
	if n := x.Native; c.native != nil && n != nil {
		return c.native.Restore(&exponential.Buckets{
			Schema: n.Schema, ZeroThreshold: n.ZeroThreshold, ZeroCount: n.Zero,
			Positive: append(n.PositiveBuckets, neighbours(n.PositiveFirst, n.Positive)...),
			Negative: append(n.NegativeBuckets, neighbours(n.NegativeFirst, n.Negative)...),
		})
	}
	return nil
}

// neighbours returns the populated ones of the buckets from index first on.
func neighbours(first int, counts []uint64) (buckets []exponential.Bucket) {
	for i, n := range counts {
		if n > 0 {
			buckets = append(buckets, exponential.Bucket{Index: first + i, Count: n})
		}
	}
	return buckets
}

func fillSet(x *saved.Series, c *set, window distinct.Window) error {
	state := distinct.State{Members: x.Members}
	for _, slice := range x.Slices {
		state.Slices = append(state.Slices, distinct.Slice(slice))
	}
	return c.Restore(state, window)
}
