package page

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/expose/format"
)

// variant is the expositions that answer one kind of request.
type variant struct {
	Request

	cache   *Cache
	current atomic.Pointer[exposition] // the youngest; written under mu

	mu    sync.Mutex  // guards the fields below
	last  *exposition // the youngest that is whole or partial
	asked time.Time   // when an exposition was last begun

	// layoutMu guards the fields below. It is taken before mu. While an exposition that keeps pages is being
	// rendered, the pages belong to its collection.
	layoutMu sync.Mutex
	snapshot *aggregate.Snapshot
	self     []string // names of weir's own families
	pages    []*page  // of snapshot, beside self
	weight   int      // of pages, in bytes
	isGzip   bool     // the pages are kept compressed
	grouping grouping // of pages
}

// find returns the exposition for a request: one that is young enough or under way, or a new one, which the
// caller must have rendered. Single flight: of all requests at once, one gets the new one.
func (v *variant) find(now time.Time, ttl time.Duration) (e *exposition, isNew bool) {
	if e = v.current.Load(); e.isFresh(now, ttl) { // Fast path.
		return e, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = now
	if e = v.current.Load(); e.isFresh(now, ttl) { // Another request was faster.
		return e, false
	}
	e = newExposition(now)
	v.current.Store(e)
	return e, true
}

// layout returns the beginning of the exposition of a snapshot, and whether the exposition is compressed.
// Pages are cut again when families or series were created or expired.
func (v *variant) layout(snapshot *aggregate.Snapshot, self []*dto.MetricFamily) (from cursor, isGzip bool) {
	n := format.Names{Families: snapshot.Families, Self: v.Selection.self(self)}
	v.layoutMu.Lock()
	defer v.layoutMu.Unlock()
	isNamed := func(name string, f *dto.MetricFamily) bool { return name == f.GetName() }
	if v.grouping.isDue() || v.snapshot != snapshot || !slices.EqualFunc(v.self, n.Self, isNamed) {
		p := paginator{old: v.pages, busy: v.grouping.busy(v.pages)}
		v.pages, v.weight = p.paginate(&n, v.Escaping)
		v.grouping.arranged(v.pages)
		v.snapshot, v.self = snapshot, nil
		for _, f := range n.Self {
			v.self = append(v.self, f.GetName())
		}
	}
	isGzip = v.AcceptsGzip && v.weight+selfWeight(n.Self) >= v.cache.options.MinGzipBytes
	if isGzip != v.isGzip {
		v.isGzip = isGzip
		drop(v.pages)
	}
	return cursor{names: n, pages: v.pages}, isGzip
}

// latest returns the last exposition that can be served; nil before the first.
func (v *variant) latest() *exposition {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// settle makes e, which was rendered within a budget, the last exposition. Bytes that
// only the one before held are no longer counted.
func (v *variant) settle(e *exposition, b *cacheBudget) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e.held = b.held
	v.cache.bytes.Add(int64(b.held - b.fresh - v.last.heldBytes()))
	v.last = e
}

// forget drops everything that is kept of v, and gives back the bytes that a budget took for an exposition
// that is not settled.
func (v *variant) forget(b *cacheBudget) {
	v.layoutMu.Lock()
	defer v.layoutMu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.forgetLocked()
	v.cache.bytes.Add(-int64(b.fresh))
}

// forgetIdle drops everything that is kept of v when nobody asked for it since then.
func (v *variant) forgetIdle(since time.Time) {
	if !v.layoutMu.TryLock() {
		return
	}
	defer v.layoutMu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	if e := v.current.Load(); e != nil && e.now() != rendering && v.asked.Before(since) {
		v.current.Store(nil)
		v.forgetLocked()
	}
}

// forgetLocked needs both locks.
func (v *variant) forgetLocked() {
	v.cache.bytes.Add(-int64(v.last.heldBytes()))
	v.last, v.pages, v.snapshot, v.grouping = nil, nil, nil, grouping{}
}
