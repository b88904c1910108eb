//go:build !race

package prw_test

import (
	"testing"

	"weir/aggregate"
	"weir/expose/remote/point"
	"weir/expose/remote/prw"
)

// Adding series allocates nothing once an encoder has made a request of the same size: of each type, with
// escapes, exemplars, names in UTF-8 and labels that clash with external ones.
func TestAddAllocatesNothing(t *testing.T) {
	lines := []string{
		"hits:1|c|#zone:a,trace_id:x", "a.b:1|c|#job:x,c.d:e,exported_job:y", "level:2|g|#z:1,job:2", `esc:1|c|#p:a\b"`,
		"wait:3|ms|#zone:a,trace_id:y", "wait:5|ms|#zone:b,trace_id:y", "size:3|h", "size:-40|h|#trace_id:z", "u:a|s",
	}
	external := labelsOf(t, `instance="host",job="weir"`)
	for _, observer := range []string{aggregate.ObserverBoth, aggregate.ObserverSummary} {
		registry := registryOf(t, func(o *aggregate.Options) {
			o.Timers.Observer, o.Sanitize.Names = observer, aggregate.NamesUTF8
		}, lines...)
		all := readAll(registry)
		for _, version := range versions {
			e := prw.NewEncoder(version, external)
			var request []byte
			encode := func() {
				for _, what := range []point.What{point.Value, point.Zero, point.Stale} {
					all.add(e, point.Point{At: at.At, Start: at.Start, What: what})
				}
				request = e.AppendTo(request[:0])
				e.Reset()
			}
			encode()
			if n := testing.AllocsPerRun(10, encode); n != 0 {
				t.Errorf("%s with %s: %v allocations", version, observer, n)
			}
		}
	}
}
