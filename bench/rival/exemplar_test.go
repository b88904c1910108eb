package rival_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/aggregate"
)

// Prometheus reads every exemplar that there is a place for, as often as buckets are read: each kind on its
// own.
func TestExemplarsAreRead(t *testing.T) {
	f := func(observer string, want [5]int) {
		t.Helper()
		options := aggregate.DefaultOptions()
		options.Series.ExemplarTags = []string{"trace_id"}
		options.Timers.Observer = observer
		registry := aggregate.New(options)
		lines := []string{`hits_total:1|c|#trace_id:a"\`, "hits:1|c|#trace_id:b", "jobs_total:1|c|#trace_id:c", "level:1|g|#trace_id:d"}
		for _, value := range []string{"0.004", "0.006", "2", "60", "70"} {
			lines = append(lines, fmt.Sprintf("time:%s|h|#trace_id:t%s", value, value))
		}
		if got := record(registry.NewShard(), lines); got != len(lines) {
			t.Fatalf("%d of %d lines recorded", got, len(lines))
		}
		for i, accept := range formats {
			text, contentType, err := scrape(registry, accept)
			if err != nil {
				t.Fatal(err)
			}
			found, err := judge(text, contentType)
			if err != nil || found.exemplars != want[i] {
				t.Errorf("%s, %s: %d exemplars, want %d: %v\n%s", observer, accept, found.exemplars, want[i], err,
					strings.ToValidUTF8(string(text), "?"))
			}
		}
	}
	const open, all = 1, 3 // counters that have a name for OpenMetrics, and all
	f(aggregate.ObserverHistogram, [5]int{0, 0, open + 4, open + 4, all + 4})
	f(aggregate.ObserverBoth, [5]int{0, 0, open + 4, open + 4, all + 2*4})
	f(aggregate.ObserverNative, [5]int{0, 0, open + 1, open + 1, all + 4})
	f(aggregate.ObserverSummary, [5]int{0, 0, open, open, all})
}
