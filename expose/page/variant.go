package page

import (
	"sync"
	"sync/atomic"
	"time"

	"weir/expose/format"
)

// variant is the expositions that answer one kind of request.
type variant struct {
	Request

	cache   *Cache
	number  int                        // of its pages among those of other variants
	current atomic.Pointer[exposition] // the youngest; written under mu

	// turn is held by the one rendering under way, which guards the fields below. It is taken before mu.
	turn   sync.Mutex
	pages  []*page // of the last rendering that kept some; nil before the first
	isGzip bool    // they are kept compressed

	mu    sync.Mutex  // guards the fields below
	last  *exposition // the youngest that is whole or partial
	asked time.Time   // when an exposition was last begun
}

// numVariants is how many variants a cache has.
const numVariants = int(format.NumEncodings) * int(format.NumEscapings) * 2

// find returns the exposition for a request: one that it may have, or a new one, which the caller must have
// rendered. Single flight: of all requests at once, one gets the new one.
func (v *variant) find(now time.Time, a age) (e *exposition, isNew bool) {
	if e = v.current.Load(); e.join(a) { // Fast path.
		return e, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = now
	if e = v.current.Load(); e.join(a) { // Another request was faster.
		return e, false
	}
	e = newExposition(a.oldest)
	v.current.Store(e)
	return e, true
}

// prepare is called before pages are rendered that are kept. When the values have taken more space than is
// left, the last pages give way.
func (v *variant) prepare(pages []*page, isGzip bool) {
	v.pages = pages
	if isGzip != v.isGzip {
		v.isGzip = isGzip
		v.drop(pages)
	}
	excess := int(v.cache.bytes.Load()) - v.cache.options.MaxSizeBytes
	for i := len(pages) - 1; i >= 0 && excess > 0; i-- {
		if kept := pages[i].kept[v.number]; kept != nil {
			excess -= len(kept.chunk.bytes)
			pages[i].kept[v.number] = nil
		}
	}
}

// drop drops the rendered bytes of pages.
func (v *variant) drop(pages []*page) {
	for _, p := range pages {
		p.kept[v.number] = nil
	}
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

// forget drops everything that is kept of v, whose turn it is.
func (v *variant) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cache.bytes.Add(-int64(v.last.heldBytes()))
	v.drop(v.pages)
	v.last, v.pages = nil, nil
}

// forgetIdle drops everything that is kept of v when nobody asked for it since then.
func (v *variant) forgetIdle(since time.Time) {
	if !v.turn.TryLock() {
		return
	}
	defer v.turn.Unlock()
	if v.isIdle(since) {
		v.forget()
	}
}

// isIdle reports whether nobody asked for v since then, and has requests begin another exposition.
func (v *variant) isIdle(since time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last == nil || v.current.Load() != v.last || !v.asked.Before(since) {
		return false
	}
	v.current.Store(nil)
	return true
}
