package expose

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
)

// cache is the renditions that responses share, and the pages that renditions share.
type cache struct {
	variants [numBodies][numEscapings][2]variant // plain and packed

	bytes        atomic.Int64   // in renditions and pages
	hits, misses atomic.Uint64  // scrapes that shared a rendition, and those that began one
	late         atomic.Uint64  // scrapes that could not wait for theirs
	collections  sync.WaitGroup // under way
}

// variant is the expositions of one body, escaping and encoding. One with a selection is of one scrape alone.
type variant struct {
	body     body
	escaping escaping
	packed   bool // compressed, unless it is small
	wanted   selection

	current atomic.Pointer[rendition] // the youngest; written under mu

	mu    sync.Mutex // guards what is below
	last  *rendition // the youngest that is whole or partial
	asked time.Time  // when a rendition was last begun

	layoutMu sync.Mutex // guards what is below; taken before mu
	snapshot *aggregate.Snapshot
	own      []string // names of weir's own families
	pages    []*page  // of snapshot, beside own
	series   int      // on pages of large families
	wasted   int      // see keeper.wasted; since these pages were last grouped
	patience int      // how often series times may be wasted before they are again, less one
}

func (c *cache) variant(b body, e escaping, packed bool) *variant {
	of := &c.variants[b][e]
	if packed {
		return &of[1]
	}
	return &of[0]
}

// all yields every variant.
func (c *cache) all(yield func(*variant) bool) {
	for b := range c.variants {
		for e := range c.variants[b] {
			for i := range c.variants[b][e] {
				if !yield(&c.variants[b][e][i]) {
					return
				}
			}
		}
	}
}

func (c *cache) init() {
	for b := range numBodies {
		for e := range numEscapings {
			for _, packed := range [...]bool{false, true} {
				v := c.variant(b, e, packed)
				v.body, v.escaping, v.packed = b, e, packed
			}
		}
	}
}

// find returns the rendition that a scrape gets: one that is young enough or under way, or a new one, which
// is for the caller to render: begun tells. Single flight: of all that ask at once, one begins.
func (v *variant) find(now time.Time, ttl time.Duration) (d *rendition, begun bool) {
	if d = v.current.Load(); d.isFresh(now, ttl) { // Fast path.
		return d, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = now
	if d = v.current.Load(); d.isFresh(now, ttl) { // Another scrape was faster.
		return d, false
	}
	d = newRendition(now)
	v.current.Store(d)
	return d, true
}

// isFresh reports whether a scrape may have d.
func (d *rendition) isFresh(now time.Time, ttl time.Duration) bool {
	if d == nil {
		return false
	}
	state := d.now()
	return state == rendering || state != broken && now.Sub(d.began) < ttl
}

// layout returns where the exposition of a snapshot begins. Pages are cut anew when families or series came
// or went.
func (v *variant) layout(snapshot *aggregate.Snapshot, own []*dto.MetricFamily) place {
	n := names{families: snapshot.Families, own: v.wanted.own(own)}
	v.layoutMu.Lock()
	defer v.layoutMu.Unlock()
	isNamed := func(name string, f *dto.MetricFamily) bool { return name == f.GetName() }
	regroups := v.wasted > v.series*(1+v.patience)
	if regroups || v.snapshot != snapshot || !slices.EqualFunc(v.own, n.own, isNamed) {
		v.pages, v.snapshot, v.own = cutPages(v.pages, &n, v.escaping, regroups), snapshot, nil
		v.countLarge()
		if regroups {
			v.wasted, v.patience = 0, min(1+2*v.patience, maxPatience)
		}
		for _, f := range n.own {
			v.own = append(v.own, f.GetName())
		}
	}
	return place{names: n, pages: v.pages}
}

// maxPatience bounds variant.patience.
const maxPatience = 63

func (v *variant) countLarge() {
	v.series = 0
	for _, p := range v.pages {
		if p.isLarge {
			v.series += len(p.runs[0].series)
		}
	}
}

// waste notes what a collection rendered in vain. When that is as much as an exposition, series that change
// and series that do not are put on pages apart, which costs as much again. Those that change now may be
// others later: it is done each time for twice as much waste as the time before, so that it never costs
// more than it could gain.
func (v *variant) waste(k *keeper) {
	v.layoutMu.Lock()
	defer v.layoutMu.Unlock()
	v.wasted += k.wasted
}

// latest returns the last rendition that can be served, nil when there is none.
func (v *variant) latest() *rendition {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// settle makes d, of so many bytes, the last rendition. What only the one before had is no longer counted.
func (c *cache) settle(v *variant, d *rendition, k *keeper, bytes int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	d.held = bytes
	c.bytes.Add(int64(bytes - k.fresh - v.last.heldBytes()))
	v.last = d
}

func (d *rendition) heldBytes() int {
	if d == nil {
		return 0
	}
	return d.held
}

// forget drops everything that is kept of v, and what k took for a rendition that is not settled.
func (c *cache) forget(v *variant, k *keeper) {
	v.layoutMu.Lock()
	defer v.layoutMu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	c.forgetLocked(v)
	c.bytes.Add(-int64(k.fresh))
}

// forgetLocked is forget with both locks of v held.
func (c *cache) forgetLocked(v *variant) {
	c.bytes.Add(-int64(v.last.heldBytes()))
	v.last, v.pages, v.snapshot, v.wasted, v.patience = nil, nil, nil, 0, 0
}

// forgetIdle drops what nobody asked for since then.
func (c *cache) forgetIdle(since time.Time) {
	for v := range c.all {
		if !v.layoutMu.TryLock() {
			continue
		}
		v.mu.Lock()
		d := v.current.Load()
		if d != nil && d.now() != rendering && v.asked.Before(since) {
			v.current.Store(nil)
			c.forgetLocked(v)
		}
		v.mu.Unlock()
		v.layoutMu.Unlock()
	}
}

// takeRoom takes room for n bytes, and reports whether there is that much below limit.
func (c *cache) takeRoom(n, limit int) bool {
	if c.bytes.Add(int64(n)) <= int64(limit) {
		return true
	}
	c.bytes.Add(-int64(n))
	return false
}
