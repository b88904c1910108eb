package expose

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// idleAfter is for how long a variant stays that nobody asks for: longer than scrapes are apart.
const idleAfter = 5 * time.Minute

// collect returns the rendition that a scrape gets. It does not wait for it to be rendered.
func (s *Server) collect(v *variant, now time.Time) *rendition {
	if !s.options.Cache.Enabled || v.wanted != nil {
		s.cache.misses.Add(1)
		d := newRendition(now)
		s.begin(v, d, nil)
		return d
	}
	d, begun := v.find(now, s.options.Cache.TTL)
	if !begun {
		s.cache.hits.Add(1)
		return d
	}
	s.cache.misses.Add(1)
	s.cache.forgetIdle(now.Add(-idleAfter - 2*s.options.Cache.TTL))
	s.begin(v, d, &keeper{room: s.takeRoom})
	return d
}

func (s *Server) takeRoom(n int) bool { return s.cache.takeRoom(n, int(s.options.Cache.MaxSize)) }

// begin has d rendered in a goroutine, for which Close waits. That collects beside the handler, which can
// give up waiting: a collection that hangs is the only one of its variant, and holds nobody's connection.
func (s *Server) begin(v *variant, d *rendition, k *keeper) {
	s.cache.collections.Go(func() {
		defer func() {
			if cause := recover(); cause != nil {
				s.panicked(cause)
				if k != nil {
					s.cache.forget(v, k)
				}
				d.fail(fmt.Errorf("panic while rendering: %v", cause))
			}
		}()
		s.render(v, d, k)
	})
}

// render renders d: all of it, what there is room for, or without a keeper what a response begins with.
func (s *Server) render(v *variant, d *rendition, k *keeper) {
	r := s.renderers.get(s, v)
	defer s.renderers.put(r)
	r.keeper, d.packed = k, v.packed
	if v.packed {
		r.leadSize = int(s.options.Compression.MinSize)
	}
	snapshot := s.registry.Snapshot()
	if v.wanted != nil {
		snapshot = snapshot.Select(v.wanted.has)
	}
	d.snapshot = snapshot
	r.place = v.layout(snapshot, s.gather())
	var batch []piece
	size, bytes := 0, 0 // of batch before compression, of all
	for next := rendering; next == rendering; {
		pieces := r.next()
		for _, p := range pieces {
			if k == nil {
				p.bytes = slices.Clone(p.bytes)
			}
			batch = append(batch, p)
			size += p.size
			bytes += len(p.bytes) + len(p.marks)
		}
		switch {
		case r.ended:
			next = whole
			if len(r.lead) < r.leadSize { // it is too small to be compressed
				d.packed, batch = false, []piece{{bytes: slices.Clone(r.lead), size: len(r.lead)}}
			}
		case k != nil && k.full && len(r.lead) >= r.leadSize, k == nil && size >= blockBytes:
			next, d.rest = partial, r.place
		case size < blockBytes:
			continue
		}
		if next != rendering && k != nil {
			r.dropRest()
			v.waste(k)
			s.cache.settle(v, d, k, bytes)
		}
		d.publish(batch, next)
		batch, size = batch[:0], 0
	}
}

// dropRest drops what is kept of the pages that were not rendered: it is not counted any more.
func (r *renderer) dropRest() {
	for _, p := range r.pages[r.at:] {
		p.kept = nil
	}
}

// errLate is why a scrape is answered without an exposition.
var errLate = errors.New("collecting took too long")

// await waits until the response to a scrape may begin. When that is not before the time given, it returns
// the last rendition instead: late tells. The error is errLate when there is none, or why nothing can be
// rendered.
func (s *Server) await(v *variant, d *rendition, before time.Time) (ready *rendition, late bool, err error) {
	select {
	case <-d.ready:
	default:
		timer := time.NewTimer(time.Until(before))
		defer timer.Stop()
		select {
		case <-d.ready:
		case <-timer.C:
			late = true
		}
	}
	if late {
		s.cache.late.Add(1)
		if s.lateWarnings.pass(time.Now()) {
			s.log.Warn().Stringer("after", time.Since(d.began)).
				Msg("collecting takes too long: scrapes get the last exposition; see timeouts")
		}
		if d = v.latest(); d == nil {
			return nil, true, errLate
		}
	}
	if first := d.from(0); first.state == broken && len(first.pieces) == 0 {
		return nil, late, first.err
	}
	return d, late, nil
}

// gather returns weir's own families. What fails to be gathered is missing from them; it is logged once a
// minute.
func (s *Server) gather() []*dto.MetricFamily {
	families, err := s.self.Gather()
	if err != nil && s.gatherWarnings.pass(time.Now()) {
		s.log.Warn().Err(err).Msg("some of weir's own families cannot be gathered")
	}
	return families
}

// renderers keep renderers.
type renderers struct {
	pools [numBodies][numEscapings]sync.Pool
}

// get returns a renderer that is nowhere yet.
func (p *renderers) get(s *Server, v *variant) *renderer {
	r, ok := p.pools[v.body][v.escaping].Get().(*renderer)
	if !ok {
		r = &renderer{body: v.body, escaping: v.escaping}
		r.syntax = newSyntax(v.body, v.escaping, s.options.OpenMetrics.Created, &r.reader.exemplars)
		r.reader.values.Native, r.reader.values.CreatedAsZero = v.body == bodyProtobuf, true
		r.registry = s.registry
	}
	r.reader.exemplars.body = bodyText
	if s.registry.KeepsExemplars() {
		r.reader.exemplars.body = v.body
	}
	if v.packed {
		r.pack, r.packs = s.deflaters.get(), &s.deflaters
	}
	return r
}

func (p *renderers) put(r *renderer) {
	if r.pack != nil {
		r.packs.put(r.pack)
	}
	const most = 4 << 20 // what a huge family of protobuf made grow is left to the collector
	if cap(r.text) > most || cap(r.packed) > most {
		r.text, r.packed = nil, nil
	}
	clear(r.pieces[:cap(r.pieces)])
	r.reader.exemplars.reset()
	r.place, r.pack, r.packs, r.keeper, r.lead, r.leadSize = place{}, nil, nil, nil, r.lead[:0], 0
	p.pools[r.body][r.escaping].Put(r)
}
