package aggregate_test

import (
	"fmt"
	"maps"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/protocol"
)

// nativeBuckets are the populated buckets of a native histogram, by sign and index.
type nativeBuckets struct {
	Schema        int
	ZeroThreshold float64
	ZeroCount     uint64
	Count         uint64
	Buckets       map[string]uint64
}

func readNative(t testingT, r *aggregate.Registry) nativeBuckets {
	t.Helper()
	f := r.Snapshot().Families[0]
	var o aggregate.Observations
	f.Series[0].Observe(&o)
	n, ok := o.Native(f.Family)
	if !ok || !f.HasNative() {
		t.Fatalf("%s has no native buckets", f.Name())
	}
	if o.Count != n.Count {
		t.Errorf("count %d, but %d in native buckets", o.Count, n.Count)
	}
	b := nativeBuckets{n.Schema, n.ZeroThreshold, n.ZeroCount, n.Count, map[string]uint64{}}
	for _, bucket := range n.Positive {
		b.add("+", bucket.Index, bucket.Count)
	}
	for _, bucket := range n.Negative {
		b.add("-", bucket.Index, bucket.Count)
	}
	return b
}

func (b *nativeBuckets) add(sign string, index int, count uint64) {
	if count > 0 {
		b.Buckets[fmt.Sprint(sign, index)] = count
	}
}

// The options of native histograms are in force, each of them.
func TestNativeOptions(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Timers.Observer = aggregate.ObserverNative
		o.Timers.Native = aggregate.Native{
			BucketFactor: 1.5, MaxBuckets: 2, ZeroThreshold: 0.01, MaxZeroThreshold: 0.5,
		}
	})
	shard := r.NewShard()
	line(t, shard, "h:0.005:1:2|h")
	want := nativeBuckets{1, 0.01, 1, 3, map[string]uint64{"+0": 1, "+2": 1}}
	if d := cmp.Diff(want, readNative(t, r)); d != "" {
		t.Errorf("within the bounds, want-, got+:\n%s", d)
	}
	line(t, shard, "h:0.02|h") // one bucket too many: it goes into the zero bucket
	got := readNative(t, r)
	if got.Schema != 1 || got.ZeroThreshold < 0.02 || got.ZeroThreshold > 0.5 || got.ZeroCount != 2 {
		t.Errorf("with a small bucket too many: %+v, want a wider zero bucket", got)
	}
	line(t, shard, "h:10:10:10|h") // and one that may not: one step an observation
	if got := readNative(t, r); got.Schema >= 1 || got.ZeroThreshold > 0.5 || len(got.Buckets) > 2 {
		t.Errorf("with a large bucket too many: %+v, want a coarser schema", got)
	}
}

// testingT is a test, or one of rapid's.
type testingT interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// observation draws values that meet in buckets, bounds of buckets, and what is far out.
var observation = rapid.Custom(func(t *rapid.T) float64 {
	switch rapid.IntRange(0, 9).Draw(t, "class") {
	case 0:
		return math.Ldexp(1, rapid.IntRange(-20, 20).Draw(t, "exponent"))
	case 1:
		return -math.Exp2(float64(rapid.IntRange(-40, 40).Draw(t, "eighths")) / 8)
	case 2:
		return rapid.SampledFrom([]float64{
			0, math.Copysign(0, -1), 1e-300, -1e-300, 5e-324, math.MaxFloat64, 1e-7, 1e-6, 2.938735877055719e-39,
		}).Draw(t, "odd")
	default:
		return rapid.Float64Range(0.0005, 60).Draw(t, "value")
	}
})

// What several shards observed is what one would have: in the coarsest resolution of them.
func TestNativeMergesShards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := func(o *aggregate.Options) {
			o.Timers.Observer, o.Timers.Native.MaxBuckets = aggregate.ObserverNative, 40
			o.Timers.Native.MaxZeroThreshold = 0
		}
		many, one := newRegistry(options), newRegistry(options)
		shards, single := []*aggregate.Shard{many.NewShard(), many.NewShard(), many.NewShard()}, one.NewShard()
		previous := math.MaxInt
		for _, v := range rapid.SliceOfN(observation, 1, 300).Draw(t, "values") {
			s := protocol.Sample{Name: []byte("h"), Value: v, Rate: 1, Kind: protocol.KindHistogram}
			shards[rapid.IntRange(0, len(shards)-1).Draw(t, "shard")].Record(&s)
			single.Record(&s)
			if schema := readNative(t, many).Schema; schema > previous {
				t.Fatalf("the schema rises from %d to %d", previous, schema)
			} else {
				previous = schema
			}
		}
		got, want := readNative(t, many), readNative(t, one)
		if got.Count != want.Count || got.ZeroCount != want.ZeroCount {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if len(got.Buckets) > 40 {
			t.Fatalf("%d buckets, want at most 40", len(got.Buckets))
		}
		if got.Schema == want.Schema && !maps.Equal(got.Buckets, want.Buckets) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestBothHasClassicAndNativeBuckets(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Timers.Observer, o.Timers.Buckets = aggregate.ObserverBoth, []float64{0.1, 1}
	})
	line(t, r.NewShard(), "time:50:500:5000|ms")
	var o aggregate.Observations
	r.Snapshot().Families[0].Series[0].Observe(&o)
	if d := cmp.Diff([]uint64{1, 2, 3}, o.Buckets); d != "" || o.Count != 3 {
		t.Errorf("count %d, buckets want-, got+:\n%s", o.Count, d)
	}
	if n := readNative(t, r); n.Count != 3 || len(n.Buckets) != 3 || n.Schema != 3 {
		t.Errorf("native buckets = %+v, want 3 of schema 3", n)
	}
}

// Buckets stay few whatever is sent, and nothing is lost.
func TestNativeIsBounded(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Timers.Observer = aggregate.ObserverNative })
	shard := r.NewShard()
	const n = 20_000
	for i := range n {
		v := math.Ldexp(1+float64(i%7)/7, i%2000-1000)
		if i%3 == 0 {
			v = -v
		}
		shard.Record(&protocol.Sample{Name: []byte("h"), Value: v, Rate: 1, Kind: protocol.KindHistogram})
	}
	b := readNative(t, r)
	if len(b.Buckets) > 160 || b.Count != n {
		t.Errorf("%d buckets of %d observations, want at most 160 of %d", len(b.Buckets), b.Count, n)
	}
}
