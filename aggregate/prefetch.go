package aggregate

// Prefetch makes reading many series faster: a read waits for memory several times (the Series, its cell, the
// buckets), and the reads of neighbours wait together. It belongs to one goroutine.
type Prefetch struct {
	counters  [PrefetchSize]*counter
	observers [PrefetchSize]*observer
	loaded    uint64 // so that what is only loaded is not optimised away
}

// PrefetchSize is the most series that Prefetch.Load takes at a time.
const PrefetchSize = 32

// Load loads what Series.Value or Series.Observe will need of at most PrefetchSize series of family f, in
// short loops: each makes all its loads before it waits for the first.
func (p *Prefetch) Load(f *Family, series []*Series) {
	switch f.cellKind {
	case cellCounter:
		for i, s := range series {
			p.counters[i] = s.counters.Load()
		}
		for _, c := range p.counters[:len(series)] {
			if c != nil {
				p.loaded += c.bits.Load()
			}
		}
	case cellHistogram, cellSummary:
		for i, s := range series {
			p.observers[i] = s.observers.Load()
		}
		for _, o := range p.observers[:len(series)] {
			if o != nil {
				p.loaded += o.sum.Load()
			}
		}
		for _, o := range p.observers[:len(series)] {
			if o != nil && len(o.buckets) > 0 {
				p.loaded += o.buckets[0].Load()
			}
		}
	default:
		for _, s := range series {
			p.loaded += s.gauge.bits.Load()
		}
	}
}
