package aggregate

// LookAhead makes reading many series faster: a read waits for memory several times (the Series, its cell,
// the buckets), and those of neighbours wait together. It belongs to one goroutine.
type LookAhead struct {
	counters  [AheadSize]*counter
	observers [AheadSize]*observer
	loaded    uint64 // so that what is only loaded is not optimised away
}

// AheadSize is the most series that LookAhead.Load takes at a time.
const AheadSize = 32

// Load loads what Series.Value or Series.Observe will need of at most AheadSize series of family f, in short
// loops: each makes all its loads before it waits for the first.
func (a *LookAhead) Load(f *Family, series []*Series) {
	switch f.form {
	case formCounter:
		for i, s := range series {
			a.counters[i] = s.counters.Load()
		}
		for _, c := range a.counters[:len(series)] {
			if c != nil {
				a.loaded += c.bits.Load()
			}
		}
	case formHistogram, formSummary:
		for i, s := range series {
			a.observers[i] = s.observers.Load()
		}
		for _, o := range a.observers[:len(series)] {
			if o != nil {
				a.loaded += o.sum.Load()
			}
		}
		for _, o := range a.observers[:len(series)] {
			if o != nil && len(o.buckets) > 0 {
				a.loaded += o.buckets[0].Load()
			}
		}
	default:
		for _, s := range series {
			a.loaded += s.gauge.bits.Load()
		}
	}
}
