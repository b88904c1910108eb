package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"weir/aggregate"
	"weir/aggregate/mapping"
)

// limits puts other limits in force and lets the shards see it.
func limits(r *aggregate.Registry, perMetric, all int, action string) {
	r.SetLimits(aggregate.Limits{
		MaxSeriesPerMetric: perMetric, MaxTotalSeries: all, OverflowAction: action,
	})
}

// fill sends to n series of the counter "c".
func fill(t *testing.T, shard *aggregate.Shard, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		line(t, shard, fmt.Sprintf("c:1|c|#user:%d", i))
	}
}

func TestSetLimitsRaised(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2 })
	shard := r.NewShard()
	fill(t, shard, 0, 4)
	if sum, series := total(r, "c"); sum != 2 || series != 2 {
		t.Errorf("%v in %d series before, want 2 in 2", sum, series)
	}
	limits(r, 3, 100, aggregate.OverflowDropAndWarn)
	fill(t, shard, 0, 4) // refused series are tried again
	if sum, series := total(r, "c"); sum != 2+3 || series != 3 {
		t.Errorf("%v in %d series after, want 5 in 3", sum, series)
	}
	if got := r.Limits().MaxSeriesPerMetric; got != 3 {
		t.Errorf("Limits() = %d, want 3", got)
	}
}

func TestSetLimitsLowered(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	fill(t, shard, 0, 4)
	limits(r, 2, 100, aggregate.OverflowDropAndWarn)
	fill(t, shard, 0, 6)
	if sum, series := total(r, "c"); sum != 8 || series != 4 {
		t.Errorf("%v in %d series, want 8 in the 4 that there were", sum, series)
	}
}

// Every sample is in a total from the moment on in which a family folds, also when it was full.
func TestSetLimitsToFold(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2 })
	shard := r.NewShard()
	fill(t, shard, 0, 5) // 3 are lost
	limits(r, 2, 100, aggregate.OverflowFold)
	fill(t, shard, 0, 5)
	if sum, series := total(r, "c"); sum != 2+5 || series != 3 {
		t.Errorf("%v in %d series, want 7 in 2 and the folded one", sum, series)
	}
	if got := value(r, `c{weir_overflow="true"}`); got != 3 {
		t.Errorf("folded %v, want 3", got)
	}
}

// What was folded stays, and no more is added.
func TestSetLimitsFromFold(t *testing.T) {
	r := newRegistry(folding(3, 100))
	shard := r.NewShard()
	fill(t, shard, 0, 5) // 2 series and 3 folded
	limits(r, 3, 100, aggregate.OverflowDropAndWarn)
	fill(t, shard, 0, 5)
	if sum, series := total(r, "c"); sum != 5+2 || series != 3 {
		t.Errorf("%v in %d series, want 7 in 3", sum, series)
	}
	if got := value(r, `c{weir_overflow="true"}`); got != 3 {
		t.Errorf("folded %v, want 3", got)
	}
}

// A sender's own tag of that name makes no family fold that should not.
func TestOverflowTagDoesNotFold(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 1 })
	shard := r.NewShard()
	line(t, shard, "c:1|c|#weir_overflow:true\nc:1|c|#a:b")
	if sum, series := total(r, "c"); sum != 1 || series != 1 {
		t.Errorf("%v in %d series, want 1 in 1", sum, series)
	}
}

// The places are counted right whatever the actions were: as many series as the limit allows can be created
// when all others have expired, and not one more.
func TestSetLimitsKeepsAccount(t *testing.T) {
	const fold, drop = aggregate.OverflowFold, aggregate.OverflowDropAndWarn
	for _, actions := range [][]string{
		{drop, fold}, {fold, drop}, {drop, fold, drop}, {fold, drop, fold}, {fold, fold}, {drop, fold, drop, fold},
	} {
		r := newRegistry(func(o *aggregate.Options) {
			o.Series.TTL = time.Minute
			o.Limits.OverflowAction = actions[0]
			o.Limits.MaxTotalSeries = 5
		})
		shard := r.NewShard()
		now := time.Now()
		for _, action := range actions {
			limits(r, 100, 5, action)
			line(t, shard, "a:1|c\nb:1|ms\ng:1|g")
			fill(t, shard, 0, 10)
		}
		limits(r, 100, 5, drop)
		now = now.Add(time.Hour)
		r.Tick(now)
		r.Sweep()
		if got := r.Stats(); got.Series != 0 || got.Families != 0 {
			t.Fatalf("%v: %d series, %d families after all have expired", actions, got.Series, got.Families)
		}
		fill(t, shard, 100, 10)
		if _, series := total(r, "c"); series != 5 {
			t.Errorf("%v: %d series, want the 5 of the limit", actions, series)
		}
	}
}

// Whatever is recorded, expires and is reloaded in whatever order, the places are counted right.
func TestSetLimitsAtRandom(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	actions := []string{aggregate.OverflowDropAndWarn, aggregate.OverflowFold}
	r := newRegistry(func(o *aggregate.Options) { o.Series.TTL = 10 * time.Second })
	shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
	now := time.Now()
	for step := range 5000 {
		switch random.IntN(20) {
		case 0:
			limits(r, 1+random.IntN(6), 1+random.IntN(20), actions[random.IntN(2)])
		case 1:
			now = now.Add(time.Duration(random.IntN(8)) * time.Second)
			r.Tick(now)
			r.Sweep()
		case 2:
			line(t, shards[random.IntN(2)], fmt.Sprintf("c%d:1|c|#weir_overflow:true", random.IntN(6)))
		default:
			kind := []string{"c", "g", "ms", "s"}[random.IntN(4)]
			line(t, shards[random.IntN(2)], fmt.Sprintf("%s%d:1|%[1]s|#x:%[3]d", kind, random.IntN(6), random.IntN(8)))
		}
		if counted, have := r.Places(); counted != have {
			t.Fatalf("seed %d, step %d: %d places are counted, there are %d", seed, step, counted, have)
		}
	}
}

// Observations go on in families that were created before a reload; new families are as the new options say.
func TestSetOptions(t *testing.T) {
	o := aggregate.DefaultOptions()
	r := aggregate.New(o)
	shard := r.NewShard()
	line(t, shard, "old:1|h\nc:1|c")
	o.Timers.Observer = aggregate.ObserverSummary
	o.Rules = mustRules(t, `mappings: [{match: c, name: renamed}]`)
	o.Limits.MaxSeriesPerMetric = 7
	r.SetOptions(o)
	r.Tick(time.Now().Add(2 * time.Second))
	if got := line(t, shard, "old:2|h\nold:3|ms\nnew:1|h\nc:1|c"); got != "   " {
		t.Errorf("record: %q", got)
	}
	types := map[string]aggregate.Type{}
	for _, f := range r.Snapshot().Families {
		types[f.Name()] = f.Type()
	}
	if types["old"] != aggregate.TypeHistogram || types["new"] != aggregate.TypeSummary || len(types) != 4 {
		t.Errorf("types = %v", types)
	}
	var seen aggregate.Observations
	for _, f := range r.Snapshot().Families {
		if f.Name() == "old" {
			f.Series[0].Observe(&seen)
		}
	}
	if seen.Count != 3 || seen.Sum != 3.003 {
		t.Errorf("old has %d observations, sum %v, want 3 and 3.003", seen.Count, seen.Sum)
	}
	if r.Limits().MaxSeriesPerMetric != 7 {
		t.Errorf("Limits() = %+v", r.Limits())
	}
	if got := line(t, shard, "c:1|h"); got != "type_conflict" {
		t.Errorf("an observation joins the counter of a rule: %q", got)
	}
}

// statsd_exporter gives histograms of a mapping file native buckets.
func TestNativeByRule(t *testing.T) {
	f := func(rules string, hasNative bool) {
		t.Helper()
		r := newRegistry(func(o *aggregate.Options) {
			o.Timers.Observer, o.Timers.NativeByRule = aggregate.ObserverSummary, true
			o.Timers.Native.MaxBuckets = mapping.DefaultNativeMaxBuckets
			o.Rules = mustRules(t, rules)
		})
		line(t, r.NewShard(), "a:1|ms")
		family := r.Snapshot().Families[0]
		if family.HasNative() != hasNative {
			t.Errorf("%s: native = %v, type %v, want %v", rules, family.HasNative(), family.Type(), hasNative)
		}
	}
	f(`defaults: {observer_type: histogram}`, true)
	f(`mappings: [{match: a, name: b, observer_type: histogram}]`, true)
	f(`mappings: [{match: a, name: b, observer_type: histogram, histogram_options: {buckets: [1]}}]`, true)
	f(`mappings: [{match: a, name: b, observer_type: histogram,`+
		` histogram_options: {native_histogram_bucket_factor: 1}}]`, false)
	f(`mappings: [{match: a, name: b}]`, false)
}
