package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

var allTagging = aggregate.Tagging{Dialects: protocol.AllDialects}

// sampleOf returns the only sample of a line.
func sampleOf(t *testing.T, text string) *protocol.Sample {
	t.Helper()
	d := new(protocol.Decoder)
	d.Reset([]byte(text))
	d.Next()
	m, err := d.Sample()
	if m == nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// What a judge says of a sample is what recording it next says, and judging changes nothing.
func TestVerdictIsWhatRecordSays(t *testing.T) {
	const rules = "mappings:\n- {match: m.*, name: m, labels: {n: $1}}\n- {match: no.*, name: no, action: drop}\n" +
		"- {match: scaled, name: scaled, scale: 1e300}\n"
	kinds := []string{"1|c", "1|g", "1|ms", "1|h", "1|s", "1|m", "1e300|c", "+Inf|g"}
	names := []string{"a", "b", "c", "c_count", "c_bucket", "m.1", "m.2", "m.3", "no.x", "scaled", "taken", "..."}
	for _, action := range []string{aggregate.OverflowDropAndWarn, aggregate.OverflowFold} {
		for seed := range uint64(40) {
			random := rand.New(rand.NewPCG(seed, 1))
			r := newRegistry(func(o *aggregate.Options) {
				withRules(t, rules)(o)
				o.Limits.MaxSeriesPerMetric, o.Limits.MaxTotalSeries, o.Limits.OverflowAction = 3, 9, action
			}, "taken")
			shard, judge := r.NewTaggedShard(allTagging), aggregate.NewJudge(r, allTagging)
			for range 60 {
				text := names[random.IntN(len(names))] + ":" + kinds[random.IntN(len(kinds))] +
					fmt.Sprintf("|#k:%d", random.IntN(5))
				before := r.Stats()
				verdict := judge.Verdict(sampleOf(t, text))
				if after := r.Stats(); after != before {
					t.Fatalf("seed %d: judging %s changed %+v to %+v", seed, text, before, after)
				}
				reason := shard.Record(sampleOf(t, text))
				isInfinite := verdict.Reason == protocol.ReasonInfiniteCounter && reason != protocol.ReasonNone ||
					reason == protocol.ReasonInfiniteCounter // by the value that the counter has
				if verdict.Reason != reason && !isInfinite {
					t.Fatalf("seed %d, %s: judged %v (%s), recorded %v", seed, text, verdict.Reason, verdict.Detail, reason)
				}
				// a fold creates the series of the rest when it is the first
				if created := r.Stats().Series - before.Series; verdict.IsNew != (created == 1 && !verdict.IsFolded) {
					t.Fatalf("seed %d, %s: judged %+v, and %d series were created", seed, text, verdict, created)
				}
				if folds := len(r.Overflows()) > 0; verdict.IsFolded && !folds {
					t.Fatalf("seed %d, %s: judged to be folded, and nothing was", seed, text)
				}
			}
		}
	}
}

func TestVerdictDetail(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric, o.Limits.MaxTotalSeries = 1, 2 })
	shard, judge := r.NewShard(), aggregate.NewJudge(r, allTagging)
	line(t, shard, "a:1|g")
	line(t, shard, "b:1|ms")
	f := func(text string, reason protocol.Reason, detail string) {
		t.Helper()
		v := judge.Verdict(sampleOf(t, text))
		if v.Reason != reason || v.Detail != detail {
			t.Errorf("%s: %v, %q", text, v.Reason, v.Detail)
		}
	}
	f("a:1|c", protocol.ReasonTypeConflict, "a is a gauge; a counter was sent")
	f("b_count:1|c", protocol.ReasonTypeConflict, "b is a histogram; a counter was sent")
	f("a:1|g|#k:v", protocol.ReasonSeriesPerMetric, "a has as many series as cardinality.max_series_per_metric allows: 1")
	f("c:1|g", protocol.ReasonTotalSeries, "there are as many series as cardinality.max_total_series allows: 2")
	f("a:2|g", protocol.ReasonNone, "")
}

// hits returns the hits of rules by their match, like "a.*=2 b=0".
func hits(r *aggregate.Registry) string {
	all, _ := aggregate.HitsOfRules(r)
	var texts []string
	for _, h := range all {
		texts = append(texts, fmt.Sprintf("%s=%d", h.Rule.Match, h.Hits))
	}
	return strings.Join(texts, " ")
}

// A rule counts each name with tags once, however many lines have it; a rule that drops counts, too.
func TestRuleHits(t *testing.T) {
	const text = "mappings:\n- {match: a.*, name: as}\n- {match: no.*, name: no, action: drop}\n- {match: never, name: never}\n"
	r := newRegistry(withRules(t, text))
	began := r.Now()
	shard := r.NewTaggedShard(allTagging)
	for range 3 {
		for _, text := range []string{"a.x:1|c", "a.y:1|c", "a.y:1|c|#k:v", "no.x:1|c", "other:1|c"} {
			line(t, shard, text)
		}
	}
	if got := hits(r); got != "a.*=3 no.*=1 never=0" {
		t.Errorf("hits are %s", got)
	}
	all, since := aggregate.HitsOfRules(r)
	if since != began || all[0].LastHit != r.Now() || all[2].LastHit != 0 {
		t.Errorf("since %d, hits %+v", since, all)
	}
	// to look is no hit
	shard.Explain(sampleOf(t, "a.z:1|c"))
	aggregate.NewJudge(r, allTagging).Verdict(sampleOf(t, "a.z:1|c"))
	aggregate.NewLocator(r, allTagging).Locate(sampleOf(t, "a.z:1|c"))
	if got := hits(r); got != "a.*=3 no.*=1 never=0" {
		t.Errorf("hits are %s after somebody looked", got)
	}
	// hits count from a reload on
	withRules(t, text)(new(aggregate.Options)) // the same rules, read again
	o := aggregate.DefaultOptions()
	withRules(t, text)(&o)
	r.SetOptions(o)
	if got := hits(r); got != "a.*=0 no.*=0 never=0" {
		t.Errorf("hits are %s after a reload", got)
	}
	r.Tick(time.Now().Add(2 * time.Second))
	line(t, shard, "a.x:1|c")
	if got := hits(r); got != "a.*=1 no.*=0 never=0" {
		t.Errorf("hits are %s", got)
	}
}
