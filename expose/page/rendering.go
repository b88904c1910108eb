package page

import (
	"slices"
	"time"

	"weir/expose/format"
)

// rendering renders one exposition, in a goroutine of its own.
type rendering struct {
	variant    *variant
	exposition *exposition
	budget     *cacheBudget // nil when nothing is kept for others
}

// run renders the exposition, and has it fail when that panics.
func (x *rendering) run() {
	v, e, c := x.variant, x.exposition, x.variant.cache
	if x.budget != nil {
		v.turn.Lock()
		defer v.turn.Unlock()
	}
	defer func() {
		if cause := recover(); cause != nil {
			err := c.failed(cause)
			if x.budget != nil {
				v.forget()
				c.bytes.Add(-int64(x.budget.fresh))
			}
			e.fail(err)
		}
	}()
	if x.budget != nil {
		x.renderShared()
	} else {
		x.renderAlone()
	}
}

// renderShared renders the exposition from a collection that others share.
func (x *rendering) renderShared() {
	e := x.exposition
	shared := e.collect(&x.variant.cache.collector)
	<-shared.done
	if shared.err != nil {
		e.fail(shared.err)
		return
	}
	e.snapshot = shared.snapshot
	x.render(shared.start(), shared.weight)
}

// renderAlone renders the beginning of a response that shares nothing.
func (x *rendering) renderAlone() {
	v, e, c := x.variant, x.exposition, x.variant.cache
	all := c.source.Registry.Snapshot()
	names := format.Names{Families: all.Families, Self: c.gather(v.Selection)}
	pages := c.collector.layout
	if v.Selection != nil {
		all, pages = all.Select(v.Selection.has), &layout{}
		names = format.Names{Families: all.Families, Self: v.Selection.self(names.Self)}
	}
	e.snapshot = all
	cut, weight := pages.cut(all, &names)
	x.render(cursor{names: names, pages: cut}, weight)
}

// render renders the exposition: all of it, or the part that fits into the budget. Without a budget it
// renders the beginning of a response.
func (x *rendering) render(from cursor, weight int) {
	v, e, c := x.variant, x.exposition, x.variant.cache
	isGzip := v.AcceptsGzip && weight+selfWeight(from.names.Self) >= c.options.MinGzipBytes
	if x.budget != nil {
		v.prepare(from.pages, isGzip)
	}
	r := c.renderers.get(c, v, isGzip)
	defer c.renderers.put(c, r)
	r.cursor, r.budget, e.isGzip, e.rendersSince = from, x.budget, isGzip, time.Now()
	changed := r.countChanged()
	var block []chunk
	size := 0 // of block before compression
	for next := growing; next == growing; {
		for _, chunk := range r.next() {
			if x.budget == nil {
				chunk.bytes = slices.Clone(chunk.bytes)
			}
			block = append(block, chunk)
			size += chunk.size
		}
		switch {
		case r.isAtEnd:
			next = whole
		case x.budget != nil && x.budget.isFull, x.budget == nil && size >= blockBytes:
			next, e.rest = partial, r.cursor
			e.rest.values = nil // see Response.writeRest
		case size < blockBytes:
			continue
		}
		if next != growing && x.budget != nil {
			v.drop(r.pages[r.at:]) // not counted any more
			v.settle(e, x.budget)
		}
		if next != growing {
			rest := len(r.pages) - r.at // which each response renders for itself
			e.count(len(r.pages), r.encoded+rest)
		}
		e.publish(block, next, progress(r.encoded, changed))
		block, size = block[:0], 0
	}
}

// progress returns which part of the pages that changed is rendered.
func progress(rendered, changed int) float64 {
	if changed == 0 {
		return 1
	}
	return float64(rendered) / float64(changed)
}
