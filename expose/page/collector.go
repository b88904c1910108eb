package page

import (
	"sync"
	"sync/atomic"
	"time"

	"weir/expose/format"
)

// minInterval is the least time between the beginnings of two collections: requests for the values of this
// moment (see Request.IsFresh) wait for the next one. A shorter Options.TTL shortens it.
const minInterval = 100 * time.Millisecond

// collector makes the collections that requests share: one at a time, and each because a request asks for it.
type collector struct {
	cache    *Cache
	interval time.Duration // minInterval, or the TTL

	count  atomic.Uint64              // of collections that have begun
	latest atomic.Pointer[collection] // the youngest that is done, without an error; nil before the first

	// They belong to the collection under way.
	layout  *layout
	reading *format.Reading
	version uint64          // of values
	values  []*format.Saved // of the latest collection
	held    int             // bytes that are counted for them

	mu   sync.Mutex
	last *collection // the youngest, which may not have begun; nil before the first. Guarded by mu
}

// since returns a collection that began at a time or later, or that has not begun yet.
func (s *collector) since(at time.Time) *collection {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before := s.last; before == nil || before.isOlder(at) {
		x := newCollection()
		s.last = x
		s.cache.work.Go(func() { s.run(x, before) })
	}
	return s.last
}

// youngest returns when the latest collection began; zero before the first.
func (s *collector) youngest() time.Time {
	if x := s.latest.Load(); x != nil {
		return *x.began.Load()
	}
	return time.Time{}
}

// run makes a collection after the one before, which may be nil.
func (s *collector) run(x, before *collection) {
	if before != nil {
		<-before.done
		time.Sleep(time.Until(before.began.Load().Add(s.interval)))
	}
	defer close(x.done)
	defer func() {
		if cause := recover(); cause != nil {
			x.err = s.cache.failed(cause)
			s.forget()
		}
	}()
	x.began.Store(new(time.Now()))
	s.count.Add(1)
	x.snapshot = s.cache.source.Registry.Snapshot()
	x.names = format.Names{Families: x.snapshot.Families, Self: s.cache.gather(nil)}
	x.pages, x.weight = s.layout.cut(x.snapshot, &x.names)
	s.read(x)
	if before := s.latest.Swap(x); before != nil {
		before.values.Store(nil)
	}
}

// read reads the values of the pages, as many as fit into half of the space: the other half is for what is
// rendered. A page whose values have not changed keeps those it has.
func (s *collector) read(x *collection) {
	c := s.cache
	s.reading.HasExemplars = c.source.Registry.KeepsExemplars()
	defer s.reading.Release()
	values, isNew, b := s.values, false, &cacheBudget{cache: c}
	n := 0
	for ; n < len(x.pages); n++ {
		p := x.pages[n]
		s.readPage(p, b)
		if b.held > c.options.MaxSizeBytes/2 {
			break
		}
		if !isNew && n < len(values) && values[n] == p.values {
			continue
		}
		if !isNew {
			values, isNew = append(make([]*format.Saved, 0, len(x.pages)), values[:n]...), true
		}
		values = append(values, p.values)
	}
	for _, p := range x.pages[n:] {
		p.values, p.history.fingerprints = nil, nil
	}
	c.bytes.Add(int64(b.held - b.fresh - s.held))
	s.values, s.held = values[:n], b.held
	x.values.Store(new(s.values))
}

func (s *collector) readPage(p *page, b *cacheBudget) {
	s.version++
	p.read(s.reading)
	next := s.reading.Save(p.values, s.version)
	if next != p.values || s.reading.Values.HasZeros() {
		s.cache.source.Registry.Offered(&s.reading.Values)
	}
	if next != p.values {
		if p.isLarge {
			b.reserve(s.layout.grouping.note(p, s.reading))
		}
		b.reserve(next.Size())
		p.values = next
	}
	b.held += p.values.Size() + p.history.size()
}

// forget drops everything that is kept of a collection that failed, and of those before.
func (s *collector) forget() {
	s.cache.bytes.Add(-int64(s.held))
	s.values, s.held, s.layout = nil, 0, &layout{}
}
