package aggregate

import (
	"math"
	"math/rand/v2"
	"sync/atomic"

	"weir/aggregate/distinct"
	"weir/aggregate/exponential"
	"weir/protocol"
)

// cell is a pointer to a cell: what shards write of a series. A cell has one writer, its owner, and is in the
// list of its series. Gauges are the exception: the series itself is the cell of all shards, and has no link.
type cell[C any] interface {
	*C
	lastSeen() *lastSeen
	links() *link[C]
}

// link is what a cell begins with. The cells of a series are a list, with at most one cell of each shard.
type link[C any] struct {
	owner *Shard // the only one that writes the cell
	next  *C     // set before the cell is published
	seen  lastSeen
}

func (l *link[C]) links() *link[C] { return l }

func (l *link[C]) lastSeen() *lastSeen { return &l.seen }

// ownCell returns the cell of shard s in the list of a series. A new one goes to the front, where other
// shards may be putting theirs.
func ownCell[C any, P cell[C]](s *Shard, cells *atomic.Pointer[C], newCell func() *C) *C {
	for c := cells.Load(); c != nil; c = P(c).links().next {
		if P(c).links().owner == s {
			return c
		}
	}
	c := newCell()
	l := P(c).links()
	l.owner = s
	l.seen.second.Store(s.now)
	for {
		l.next = cells.Load()
		if cells.CompareAndSwap(l.next, c) {
			return c
		}
	}
}

// counter is the cell of a counter series: the sum of one shard.
type counter struct {
	link[counter]

	bits atomic.Uint64 // float64; written by the owning shard, read by scrapes
}

// add adds delta, finite and not negative, and reports whether the sum stayed finite; if not, nothing is
// added.
func (c *counter) add(delta float64) bool {
	sum := math.Float64frombits(c.bits.Load()) + delta
	if sum > math.MaxFloat64 {
		return false
	}
	c.bits.Store(math.Float64bits(sum))
	return true
}

// checkIncrement says what forbids a counter to grow by delta.
func checkIncrement(delta float64) protocol.Reason {
	switch {
	case delta < 0:
		return protocol.ReasonNegativeCounter
	case math.IsNaN(delta):
		return protocol.ReasonNaN
	case delta > math.MaxFloat64:
		return protocol.ReasonInfiniteCounter
	default:
		return protocol.ReasonNone
	}
}

// sumCounters merges the cells of a series.
func sumCounters(c *counter) float64 {
	sum := 0.0
	for ; c != nil; c = c.next {
		sum += math.Float64frombits(c.bits.Load())
	}
	return sum
}

// gauge is the one word of a gauge series, written by every shard: a set by any loop replaces it, a move
// adds to it.
type gauge struct {
	bits atomic.Uint64 // float64; written by any shard, read by scrapes
}

func (g *gauge) set(value float64) { g.bits.Store(math.Float64bits(value)) }

// move adds delta and reports whether the result is a number; if not (+Inf meets -Inf), the gauge stays.
func (g *gauge) move(delta float64) bool {
	for {
		old := g.bits.Load()
		sum := math.Float64frombits(old) + delta
		if math.IsNaN(sum) {
			return false
		}
		if g.bits.CompareAndSwap(old, math.Float64bits(sum)) {
			return true
		}
	}
}

func (g *gauge) value() float64 { return math.Float64frombits(g.bits.Load()) }

// set is the cell of a set series: which members one shard has seen.
type set struct {
	link[set]
	distinct.Set
}

// countMembers returns how many distinct members the cells of a series have within the window.
func countMembers(s *set, now uint32, window distinct.Window) float64 {
	var union distinct.Union
	for ; s != nil; s = s.next {
		union.Add(&s.Set, int64(now), window)
	}
	return union.Count()
}

// observer is the cell of a histogram or a summary: the observations of one shard. The aggregation says
// which of its parts are not nil.
//
// A count of all observations of a histogram is not kept: it is the sum of the buckets, so that a scrape
// beside the writer never shows a count that differs from its +Inf bucket.
type observer struct {
	link[observer]

	aggregation *aggregation
	sum         atomic.Uint64          // float64; written by the owning shard, read by scrapes
	buckets     []atomic.Uint64        // of a classic histogram, one more than bounds: +Inf; the same
	native      *exponential.Histogram // of a native histogram
	window      *exponential.Window    // of a summary
}

func newObserver(t *aggregation) *observer {
	o := &observer{aggregation: t}
	switch {
	case t.observations == cellSummary:
		o.window = exponential.NewWindow(t.window.slices, t.window.sliceSeconds)
		return o
	case t.native != nil:
		o.native = &exponential.Histogram{}
	}
	if t.bounds != nil {
		o.buckets = make([]atomic.Uint64, len(t.bounds)+1)
	}
	return o
}

// observe counts value weight times and reports whether the sum stayed a number; if not (+Inf meets -Inf),
// nothing is counted.
func (o *observer) observe(value float64, weight uint64, now uint32) bool {
	sum := math.Float64frombits(o.sum.Load()) + value*float64(weight)
	if math.IsNaN(sum) {
		return false
	}
	if o.buckets != nil {
		b := &o.buckets[bucketOf(o.aggregation.bounds, value)]
		b.Store(b.Load() + weight)
	}
	if o.native != nil {
		if n := o.native.Observe(value, weight, o.aggregation.native); n > 0 {
			o.owner.registry.nativeReductions.Add(uint64(n))
		}
	}
	if o.window != nil {
		o.window.Observe(value, weight, now)
	}
	o.sum.Store(math.Float64bits(sum))
	return true
}

// weightOf returns how many observations one sample at a rate in [2^-53, 1) stands for: 1/rate, rounded up or
// down at random such that the mean is 1/rate, since buckets count in whole numbers.
func weightOf(rate float64, random *rand.PCG) uint64 {
	whole, fraction := math.Modf(1 / rate)
	weight := uint64(whole)
	if fraction > 0 && float64(random.Uint64()>>11) < fraction*(1<<53) {
		weight++
	}
	return weight
}

// bucketOf returns the index of the first bound that is at least value, len(bounds) when value is above all.
func bucketOf(bounds []float64, value float64) int {
	low, high := 0, len(bounds)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if bounds[middle] < value {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// infiniteGauges counts samples that set a gauge to an infinite value. Any goroutine may use it.
type infiniteGauges struct {
	count atomic.Uint64
	last  atomic.Pointer[Series] // the last such gauge; nil before the first
}

func (g *infiniteGauges) note(s *Series) {
	g.count.Add(1)
	g.last.Store(s)
}

// lastName returns the last such gauge as an exposition names it; empty before the first.
func (g *infiniteGauges) lastName() string {
	if s := g.last.Load(); s != nil {
		return s.family.name + s.labels.String()
	}
	return ""
}

// cellKind is how the series of a family are kept: one kind of cell each.
type cellKind uint8

const (
	cellCounter cellKind = iota
	cellGauge
	cellHistogram
	cellSet
	cellCheck // kept as a gauge, but no gauge of a sender may join it
	cellSummary

	numCellKinds // how many there are; not a kind
)

func (f cellKind) typ() Type {
	switch f {
	case cellCounter:
		return TypeCounter
	case cellHistogram:
		return TypeHistogram
	case cellSummary:
		return TypeSummary
	default:
		return TypeGauge
	}
}

// suffixes returns the suffixes that an exposition adds to the name of a family.
func (f cellKind) suffixes() []string {
	switch f {
	case cellHistogram:
		return histogramSuffixes
	case cellSummary:
		return histogramSuffixes[:3]
	default:
		return histogramSuffixes[:1]
	}
}

var histogramSuffixes = []string{"", "_sum", "_count", "_bucket"}

// accumulates reports whether values of the kind only grow.
func (f cellKind) accumulates() bool {
	return f == cellCounter || f == cellHistogram || f == cellSummary
}

// observes reports whether an aggregation says more of the kind: buckets or quantiles.
func (f cellKind) observes() bool { return f == cellHistogram || f == cellSummary }

// folds reports whether series over a limit can be added up in one: gauges cannot.
func (f cellKind) folds() bool { return f != cellGauge && f != cellCheck }
