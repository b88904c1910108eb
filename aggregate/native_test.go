package aggregate_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/mapping"
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

// A native histogram that has lost resolution begins again after Native.MinReset: at 0, with a new time of creation
// and the full resolution, over all its shards at once. Others go on.
func TestNativeReset(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Timers.Observer = aggregate.ObserverBoth
		o.Timers.Native.MaxBuckets, o.Timers.Native.MinReset = 2, time.Hour
	})
	start := time.Unix(1_800_000_000, 0)
	r.Tick(start)
	shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
	line(t, shards[0], "h:1:2|h")
	line(t, shards[1], "h:1:2|h")
	r.Tick(start.Add(2 * time.Hour))
	if expired := r.Sweep(); expired != 0 || r.Stats().NativeReductions != 0 {
		t.Fatalf("%d series expired after %d reductions, want none", expired, r.Stats().NativeReductions)
	}
	line(t, shards[1], "h:3|h") // one bucket too many
	if n := readNative(t, r); n.Schema == 3 || n.Count != 5 || r.Stats().NativeReductions == 0 {
		t.Fatalf("%+v after %d reductions, want less than schema 3", n, r.Stats().NativeReductions)
	}
	if expired := r.Sweep(); expired != 1 {
		t.Fatalf("%d series expired, want 1", expired)
	}
	line(t, shards[0], "h:5|h")
	line(t, shards[1], "h:7|h")
	created := r.Snapshot().Families[0].Series[0].Created()
	if n := readNative(t, r); n.Schema != 3 || n.Count != 2 || !created.Equal(start.Add(2*time.Hour)) {
		t.Errorf("%+v, created %v, want 2 observations in schema 3, created now", n, created)
	}
	line(t, shards[0], "h:500:600|h") // too many again
	r.Tick(start.Add(2*time.Hour + time.Minute))
	if expired := r.Sweep(); expired != 0 {
		t.Errorf("%d series expired within the hour, want none", expired)
	}
}

// Without Native.MinReset a histogram keeps its counts, whatever it has lost.
func TestNativeNeverResets(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Timers.Observer, o.Timers.Native.MaxBuckets = aggregate.ObserverNative, 1
	})
	r.Tick(time.Unix(1_800_000_000, 0))
	line(t, r.NewShard(), "h:1:1000|h")
	r.Tick(time.Unix(1_900_000_000, 0))
	if expired := r.Sweep(); expired != 0 || r.Stats().NativeReductions == 0 {
		t.Errorf("%d series expired after %d reductions, want none after some", expired, r.Stats().NativeReductions)
	}
}

// The buckets of a rule are there where the options say native: beside the native ones, or alone when the rule
// wants no native ones.
func TestNativeWithBucketsOfARule(t *testing.T) {
	f := func(options string, bounds []float64, hasNative bool) {
		t.Helper()
		rules, err := mapping.Parse("m.yaml", []byte("mappings:\n- match: \"h\"\n  name: \"h\"\n  observer_type: histogram\n"+options))
		if err != nil {
			t.Fatal(err)
		}
		r := newRegistry(func(o *aggregate.Options) {
			o.Timers.Observer, o.Rules = aggregate.ObserverNative, []*mapping.Rules{rules}
		})
		line(t, r.NewShard(), "h:1.5|h")
		family := r.Snapshot().Families[0]
		if got := family.Bounds(); !slices.Equal(got, bounds) || family.HasNative() != hasNative {
			t.Errorf("%s: bounds %v, native %v, want %v, %v", options, got, family.HasNative(), bounds, hasNative)
		}
	}
	f("", nil, true)
	f("  histogram_options: {buckets: [1, 2]}\n", []float64{1, 2}, true)
	f("  histogram_options: {buckets: [1, 2], native_histogram_bucket_factor: 1}\n", []float64{1, 2}, false)
}
