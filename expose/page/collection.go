package page

import (
	"fmt"
	"slices"
)

// collection renders one exposition.
type collection struct {
	variant    *variant
	exposition *exposition
	budget     *cacheBudget // nil when nothing is kept for others
}

// run renders the exposition, and has it fail when that panics.
func (x *collection) run() {
	c := x.variant.cache
	defer func() {
		if cause := recover(); cause != nil {
			if c.source.Panicked != nil {
				c.source.Panicked(cause)
			}
			if x.budget != nil {
				x.variant.forget(x.budget)
			}
			x.exposition.fail(fmt.Errorf("panic while rendering: %v", cause))
		}
	}()
	x.render(c)
}

// render renders the exposition: all of it, or the part that fits into the budget. Without a budget it
// renders the beginning of a response.
func (x *collection) render(c *Cache) {
	v, e := x.variant, x.exposition
	e.snapshot = c.source.Registry.Snapshot()
	if v.Selection != nil {
		e.snapshot = e.snapshot.Select(v.Selection.has)
	}
	from, isGzip := v.layout(e.snapshot, c.gather())
	r := c.renderers.get(c, v, isGzip)
	defer c.renderers.put(c, r)
	r.cursor, r.budget, e.isGzip = from, x.budget, isGzip
	var block []chunk
	size := 0 // of block before compression
	for next := rendering; next == rendering; {
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
		case size < blockBytes:
			continue
		}
		if next != rendering && x.budget != nil {
			drop(r.pages[r.at:]) // not counted any more
			v.settle(e, x.budget)
		}
		e.publish(block, next)
		block, size = block[:0], 0
	}
}
