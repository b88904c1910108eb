package aggregate_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

// readSummary returns what the only series has.
func readSummary(t *testing.T, r *aggregate.Registry) *aggregate.Observations {
	t.Helper()
	f := r.Snapshot().Families[0]
	if f.Type() != aggregate.TypeSummary {
		t.Fatalf("%s is a %s, want a summary", f.Name(), f.Type())
	}
	var o aggregate.Observations
	f.Series[0].Observe(&o)
	return &o
}

// Quantiles are of the window; sum and count are of all time.
func TestSummaryWindow(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Timers.Observer, o.Timers.Quantiles = aggregate.ObserverSummary, []float64{0.5}
		o.Timers.MaxAge, o.Timers.AgeBuckets = 50*time.Second, 5
	})
	start := time.Unix(1_800_000_000, 0) // a multiple of the length of a slice
	shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
	at := func(second int, value, want float64, count uint64) {
		t.Helper()
		r.Tick(start.Add(time.Duration(second) * time.Second))
		if value != 0 {
			shards[count%2].Record(&protocol.Sample{
				Name: []byte("h"), Value: value, Rate: 1, Kind: protocol.KindHistogram,
			})
		}
		o := readSummary(t, r)
		if got := o.Quantiles[0]; !(math.Abs(got-want) <= 0.01*want) && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("after %d s: median = %v, want %v", second, got, want)
		}
		if o.Count != count {
			t.Errorf("after %d s: count = %d, want %d", second, o.Count, count)
		}
	}
	r.Tick(start)
	shards[0].Record(&protocol.Sample{Name: []byte("h"), Value: 1, Rate: 1, Kind: protocol.KindHistogram})
	at(0, 0, 1, 1)
	at(10, 100, 1, 2)
	at(49, 0, 1, 2)
	at(50, 0, 100, 2)
	at(59, 0, 100, 2)
	at(60, 0, math.NaN(), 2)
	at(61, 7, 7, 3)
	at(5000, 0, math.NaN(), 3)
	at(5000, 3, 3, 4)
}

// A value far from the others costs resolution, not memory, and nothing is lost.
func TestSummaryIsBounded(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Timers.Observer, o.Timers.Quantiles = aggregate.ObserverSummary, []float64{0, 0.5, 1}
	})
	shard := r.NewShard()
	for _, v := range []float64{1e-30, 1, 1, 1, 1e30, math.Inf(1)} {
		shard.Record(&protocol.Sample{Name: []byte("h"), Value: v, Rate: 1, Kind: protocol.KindHistogram})
	}
	o := readSummary(t, r)
	if o.Count != 6 || !math.IsInf(o.Quantiles[2], 1) || o.Quantiles[1] < 0.5 || o.Quantiles[1] > 2 {
		t.Errorf("count %d, quantiles %v, want 6, about [1e-30 1 +Inf]", o.Count, o.Quantiles)
	}
}

// One value is every quantile of its series, as it was sent.
func TestSummaryOfOneValue(t *testing.T) {
	for _, value := range []string{"0.25", "61.234", "-3"} {
		r := newRegistry(func(o *aggregate.Options) {
			o.Timers.Observer, o.Timers.Quantiles = aggregate.ObserverSummary, []float64{0, 0.5, 0.99, 1}
		})
		line(t, r.NewShard(), "x:"+value+"|h")
		for _, got := range readSummary(t, r).Quantiles {
			if fmt.Sprint(got) != value {
				t.Errorf("a quantile of %s is %v", value, got)
			}
		}
	}
}

// An observation at a rate counts as many times as it stands for, in quantiles too.
func TestSummaryWeights(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Timers.Observer, o.Timers.Quantiles = aggregate.ObserverSummary, []float64{0.5}
	})
	line(t, r.NewShard(), "x:1|h\nx:100|h|@0.1")
	if o := readSummary(t, r); o.Count != 11 || o.Sum != 1001 || math.Abs(o.Quantiles[0]-100) > 1 {
		t.Errorf("count %d, sum %v, median %v, want 11, 1001, 100", o.Count, o.Sum, o.Quantiles[0])
	}
}
