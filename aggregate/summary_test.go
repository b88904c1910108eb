package aggregate_test

import (
	"math"
	"math/rand/v2"
	"slices"
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

// Quantiles are within 1 % of the exact ones, whatever the distribution and whichever shards it came to.
func TestSummaryRelativeError(t *testing.T) {
	quantiles := []float64{0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1}
	f := func(name string, draw func(*rand.Rand) float64) {
		t.Helper()
		r := newRegistry(func(o *aggregate.Options) {
			o.Timers.Observer, o.Timers.Quantiles = aggregate.ObserverSummary, quantiles
		})
		shards := []*aggregate.Shard{r.NewShard(), r.NewShard(), r.NewShard()}
		random := rand.New(rand.NewPCG(1, 2))
		exact, sum := make([]float64, 0, 50_000), 0.0
		for i := range cap(exact) {
			v := draw(random)
			exact, sum = append(exact, v), sum+v
			shards[i%len(shards)].Record(&protocol.Sample{
				Name: []byte("h"), Value: v, Rate: 1, Kind: protocol.KindDistribution,
			})
		}
		slices.Sort(exact)
		o := readSummary(t, r)
		if o.Count != uint64(len(exact)) || math.Abs(o.Sum-sum) > 1e-9*math.Abs(sum) {
			t.Errorf("%s: count %d, sum %v, want %d, %v", name, o.Count, o.Sum, len(exact), sum)
		}
		for i, q := range quantiles {
			rank := max(1, int(math.Ceil(q*float64(len(exact)))))
			want := exact[rank-1]
			if got := o.Quantiles[i]; math.Abs(got-want) > 0.01*math.Abs(want) {
				t.Errorf("%s: quantile %v = %v, want %v within 1 %%", name, q, got, want)
			}
		}
	}
	f("uniform", func(r *rand.Rand) float64 { return r.Float64() * 100 })
	f("exponential", func(r *rand.Rand) float64 { return r.ExpFloat64() / 20 })
	f("normal, both signs", func(r *rand.Rand) float64 { return r.NormFloat64() * 5 })
	f("lognormal", func(r *rand.Rand) float64 { return math.Exp(r.NormFloat64()*1.5 - 3) })
	f("pareto", func(r *rand.Rand) float64 { return 0.001 * math.Pow(1-r.Float64(), -1/1.2) })
	f("two peaks", func(r *rand.Rand) float64 {
		if r.IntN(10) == 0 {
			return 30 + r.NormFloat64()
		}
		return 0.002 + r.Float64()/1e4
	})
	f("constant", func(*rand.Rand) float64 { return 0.25 })
	f("zeros", func(r *rand.Rand) float64 { return float64(r.IntN(2)) })
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
