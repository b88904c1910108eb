package page

import (
	"sync/atomic"
	"time"

	"weir/aggregate"
	"weir/expose/format"
)

// collection is the families and the values of one time. Expositions of all variants are rendered from it.
type collection struct {
	began atomic.Pointer[time.Time] // nil before; written by the collector
	done  chan struct{}             // closed when the fields below are known

	snapshot *aggregate.Snapshot
	names    format.Names
	pages    []*page
	weight   int   // of the pages, in bytes of text
	err      error // why the collection has no pages

	// values are those of the pages, in order. When there is no space for all, the last pages have none, and
	// are read when they are rendered. It is nil when a younger collection is done.
	values atomic.Pointer[[]*format.Saved]
}

func newCollection() *collection { return &collection{done: make(chan struct{})} }

// isOlder reports whether the collection began before a time, or has failed.
func (x *collection) isOlder(at time.Time) bool {
	began := x.began.Load()
	if began == nil {
		return false
	}
	select {
	case <-x.done:
		return x.err != nil || began.Before(at)
	default:
		return began.Before(at)
	}
}

// start returns the beginning of its exposition. It must be done.
func (x *collection) start() cursor { return cursor{names: x.names, pages: x.pages, values: x.saved()} }

// saved returns the values of the first pages: see collection.values.
func (x *collection) saved() []*format.Saved {
	if values := x.values.Load(); values != nil {
		return *values
	}
	return nil
}
