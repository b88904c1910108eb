package explain_test

import (
	"strings"
	"testing"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/config"
	"weir/expose/format/formattest"
)

// A running registry is asked for the types of names and for its limits, and is not changed.
func TestAmong(t *testing.T) {
	c := config.Default()
	c.Aggregate.Limits.MaxSeriesPerMetric, c.Aggregate.Limits.MaxTotalSeries = 2, 4
	r := aggregate.New(c.Aggregate)
	formattest.Record(t, r.NewShard(), "queue.depth:1|g", "hits:1|c|#k:1", "hits:1|c|#k:2")
	before := r.Stats()
	f := func(line, rejected, advice string, isNew bool) {
		t.Helper()
		s := explain.New(c).Among(r).Lines(line)[0].Samples[0]
		if s.Rejected != rejected || !strings.Contains(s.Advice, advice) || s.IsNew != isNew || s.Family == "" {
			t.Errorf("%s: %+v", line, s)
		}
	}
	f("queue.depth:1|c", "type_conflict", "queue_depth is a gauge; a counter was sent", false)
	f("queue.depth:1|g", "", "", false)
	f("hits:1|c|#k:3", "max_series_per_metric", "hits has as many series as cardinality.max_series_per_metric allows: 2", false)
	f("hits:1|c|#k:2", "", "", false)
	f("other:1|c", "", "", true)
	if after := r.Stats(); after != before {
		t.Errorf("explaining has changed %+v to %+v", before, after)
	}
	if s := explain.New(c).Lines("queue.depth:1|c")[0].Samples[0]; s.Rejected != "" || s.IsNew {
		t.Errorf("without a registry: %+v", s)
	}
}

// A sample that a limit would fold says so.
func TestAmongFolded(t *testing.T) {
	c := config.Default()
	c.Aggregate.Limits.MaxSeriesPerMetric, c.Aggregate.Limits.OverflowAction = 2, aggregate.OverflowFold
	r := aggregate.New(c.Aggregate)
	formattest.Record(t, r.NewShard(), "hits:1|c|#k:1", "hits:1|c|#k:2")
	if s := explain.New(c).Among(r).Lines("hits:1|c|#k:3")[0].Samples[0]; !s.IsFolded || s.IsNew || s.Rejected != "" {
		t.Errorf("%+v", s)
	}
}
