package page_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"weir/aggregate"
	"weir/expose/format/formattest"
	"weir/expose/page"
)

// Whether an exposition is compressed follows its size as text, which is known to a factor of two before
// anything is rendered; so does one of some families.
func TestCompressionFollowsSize(t *testing.T) {
	self := prometheus.NewRegistry()
	self.MustRegister(collectors.NewGoCollector(), prometheus.NewHistogram(prometheus.HistogramOpts{Name: "zz", Help: "A self-metric."}))
	gathered, err := self.Gather()
	if err != nil {
		t.Fatal(err)
	}
	registry := aggregate.New(aggregate.DefaultOptions())
	shard := registry.NewShard()
	formattest.Record(t, shard, "alone:1|c", "tagged:1.5|g|#route:/a,zone:eu-west-1")
	for i := range 200 {
		formattest.Record(t, shard, fmt.Sprintf("counter:1|c|#route:/api/%d,zone:eu-west-1", i), fmt.Sprintf("timer:30|ms|#id:%d", i))
	}
	isGzip := func(least int, selection page.Selection) bool {
		r := newRenderer(registry)
		r.self, r.AcceptsGzip, r.MinGzipBytes, r.Selection = gathered, true, least, selection
		_, isGzip := r.renderTo(io.Discard)
		return isGzip
	}
	f := func(selected ...string) {
		t.Helper()
		var selection page.Selection
		for i, name := range selected {
			if i == 0 {
				selection = page.Selection{}
			}
			selection[name] = true
		}
		plain := newRenderer(registry)
		plain.self, plain.Selection = gathered, selection
		size := len(plain.render())
		for least, want := range map[int]bool{0: true, size / 2: true, 2*size + 1: false} {
			if got := isGzip(least, selection); got != want {
				t.Errorf("%v: %d bytes are compressed with a least size of %d: %v, want %v", selected, size, least, got, want)
			}
		}
	}
	f()
	f("alone")
	f("tagged")
	f("counter")
	f("timer")
	f("zz")
	f("go_info", "go_gc_duration_seconds")
	f("nothing")
}
