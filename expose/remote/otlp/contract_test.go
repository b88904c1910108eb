//go:build !race

package otlp_test

import (
	"testing"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/otlp"
	"weir/expose/remote/point"
)

// Once its memory has the size of a request, an encoder allocates nothing, whatever a series has.
func TestSeriesAllocatesNothing(t *testing.T) {
	for _, observer := range []string{aggregate.ObserverHistogram, aggregate.ObserverBoth, aggregate.ObserverSummary} {
		o := options()
		o.Timers.Observer = observer
		registry := registryOf(t, &o, `hits:1|c|#job:a,zone:C\,trace_id:4bf92f3577b34da6a3ce929d0e0e4736,user:me`,
			"level:2|g|#zone:b", "size:1|h|#zone:b,user:me", "size:1e9|h|#zone:b")
		e := otlp.NewEncoder(label.Of(`job="weir"`))
		var families []*aggregate.FamilySeries
		all := map[string][]*aggregate.Exemplar{}
		for _, f := range registry.Snapshot().Families {
			exemplars := make([]*aggregate.Exemplar, f.ExemplarPlaces())
			f.Series[0].Exemplars(exemplars)
			all[f.Name()] = exemplars
			families = append(families, &f)
		}
		values := aggregate.Values{Native: true}
		var request []byte
		n := testing.AllocsPerRun(100, func() {
			e.Reset()
			for _, f := range families {
				values.Reset()
				values.Read(f.Family, f.Series)
				for i, s := range f.Series {
					e.Add(f.Family, s, values.Of(i), all[f.Name()], at)
					if f.HasNative() {
						e.AddNative(f.Family, s, values.Of(i), all[f.Name()], at)
					}
					e.Add(f.Family, s, nil, nil, point.Point{What: point.Zero})
					e.Add(f.Family, s, nil, nil, point.Point{What: point.Stale})
				}
			}
			request = e.AppendTo(request[:0])
		})
		if n != 0 {
			t.Errorf("%s: %v allocations, want none", observer, n)
		}
	}
}
