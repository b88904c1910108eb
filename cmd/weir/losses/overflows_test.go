package losses_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/aggregate"
)

func limited(perMetric, total int) func(*aggregate.Options) {
	return func(o *aggregate.Options) {
		o.Limits.MaxSeriesPerMetric, o.Limits.MaxTotalSeries = perMetric, total
	}
}

// However many metrics are refused, there is one warning a minute, with the worst of them.
func TestOneWarningOfLimitsAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(limited(1000, 1))
		f.record(t, "first:1|c")
		refuse := func() {
			for metric := range 20 {
				for range metric + 1 {
					f.record(t, fmt.Sprintf("m%d:1|c", metric))
				}
			}
		}
		refuse()
		got := f.tick(t)
		const worst = "m19 20, m18 19, m17 18, m16 17, m15 16, other metrics 120"
		if len(got) != 1 || got[0].Refused != worst || !strings.Contains(got[0].Message, "reached: 210 samples of new series") {
			t.Errorf("the log has %+v, want one line with %q", got, worst)
		}
		for range 59 {
			time.Sleep(time.Second)
			f.record(t, "m3:1|c")
			if got := f.tick(t); len(got) != 0 {
				t.Errorf("within a minute: %+v", got)
			}
		}
		time.Sleep(time.Second)
		if got := f.tick(t); len(got) != 1 || got[0].Refused != "m3 59" {
			t.Errorf("after a minute the log has %+v, want m3 with 59 samples", got)
		}
		f.record(t, "late:1|c")
		f.Last()
		if got := f.entries(t); len(got) != 1 || got[0].Refused != "late 1" {
			t.Errorf("at the end the log has %+v, want late", got)
		}
	})
}

// One metric that fills the limit of all is named with its label, apart from the metric that was refused.
func TestCulpritOfTheTotal(t *testing.T) {
	f := newFixture(limited(1000, 10))
	for i := range 10 {
		f.record(t, fmt.Sprintf("sessions:1|c|#sess:%d,host:a%d", i, i%2))
	}
	f.record(t, "innocent:1|c|#user:1")
	got := f.tick(t)
	if len(got) != 1 {
		t.Fatalf("the log has %+v, want one line", got)
	}
	e := got[0]
	if e.Refused != "innocent 1" || e.Most != "sessions has 10 series, its label sess has 10 values" ||
		e.MaxTotalSeries != 10 || e.Full != "" || e.MaxSeriesPerMetric != 0 {
		t.Errorf("the log has %+v", e)
	}
}

// What was admitted and what was refused are different numbers, and the message says what to do.
func TestCulpritOfAMetric(t *testing.T) {
	f := newFixture(limited(3, 1000))
	for i := range 20 {
		f.record(t, fmt.Sprintf("web.req:1|c|#user:%d", i))
	}
	got := f.tick(t)
	if len(got) != 1 {
		t.Fatalf("the log has %+v, want one line", got)
	}
	e := got[0]
	if e.Refused != "web_req 17" || e.Full != "web_req has 3 series, its label user has 3 values" ||
		e.MaxSeriesPerMetric != 3 || e.Most != "" || e.MaxTotalSeries != 0 {
		t.Errorf("the log has %+v", e)
	}
	const want = "a cardinality limit is reached: 17 samples of new series were refused; bound the values of the label " +
		"by max_label_values in a mapping rule, set cardinality.overflow_action: fold, or raise the limit"
	if e.Message != want {
		t.Errorf("the message is %q, want %q", e.Message, want)
	}
}

func TestFoldedSamples(t *testing.T) {
	f := newFixture(func(o *aggregate.Options) {
		limited(2, 1000)(o)
		o.Limits.OverflowAction = aggregate.OverflowFold
	})
	f.record(t, "a:1|c|#i:1\na:1|c|#i:2\na:1|c|#i:3")
	got := f.tick(t)
	const want = `2 samples of new series were added to the series {weir_overflow="true"} of their metric ` +
		"(gauges: refused); bound the values of the label by max_label_values in a mapping rule or raise the limit"
	if len(got) != 1 || !strings.Contains(got[0].Message, want) {
		t.Errorf("the log has %+v, want %q in it", got, want)
	}
}

// Both limits in one minute are in one warning.
func TestBothLimits(t *testing.T) {
	f := newFixture(limited(2, 3))
	f.record(t, "a:1|c|#i:1\na:1|c|#i:2\na:1|c|#i:3\nb:1|c\nc:1|c")
	got := f.tick(t)
	if len(got) != 1 || got[0].MaxSeriesPerMetric != 2 || got[0].MaxTotalSeries != 3 ||
		!strings.HasPrefix(got[0].Full, "a has 2 series") || !strings.HasPrefix(got[0].Most, "a has 2 series") {
		t.Errorf("the log has %+v", got)
	}
}
