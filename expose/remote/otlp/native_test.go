package otlp_test

import (
	"fmt"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/format/formattest"
	"weir/expose/remote/otlp"
)

// path returns the only value below a message: names of fields, whose lists have one element.
func path(t formattest.T, m protoreflect.Message, names ...string) protoreflect.Value {
	t.Helper()
	var v protoreflect.Value
	for i, name := range names {
		field := m.Descriptor().Fields().ByName(protoreflect.Name(name))
		v = m.Get(field)
		if field.IsList() && i < len(names)-1 {
			v = v.List().Get(0)
		}
		if i < len(names)-1 {
			m = v.Message()
		}
	}
	return v
}

// exponential is the data point of the only native histogram of a message.
type exponential struct {
	scale            int
	zeros, count     uint64
	below, threshold float64
	counts           map[string]uint64 // by sign and index
	dense            int               // the most buckets on one side of 0
}

func exponentialOf(t formattest.T, message proto.Message) exponential {
	t.Helper()
	m := path(t, message.ProtoReflect(), "resource_metrics", "scope_metrics", "metrics", "exponential_histogram", "data_points").
		List().Get(0).Message()
	x := exponential{
		scale: int(path(t, m, "scale").Int()), zeros: path(t, m, "zero_count").Uint(), count: path(t, m, "count").Uint(),
		threshold: path(t, m, "zero_threshold").Float(), below: path(t, m, "sum").Float(), counts: map[string]uint64{},
	}
	for _, side := range []string{"positive", "negative"} {
		buckets := path(t, m, side).Message()
		counts := path(t, buckets, "bucket_counts").List()
		x.dense = max(x.dense, counts.Len())
		for i := range counts.Len() {
			if n := counts.Get(i).Uint(); n > 0 {
				x.counts[fmt.Sprint(side, path(t, buckets, "offset").Int()+int64(i))] = n
			}
		}
		if n := counts.Len(); n > 0 && (counts.Get(0).Uint() == 0 || counts.Get(n-1).Uint() == 0) {
			t.Fatalf("a bucket at the end of %s is empty", side)
		}
	}
	return x
}

// OTLP's bucket i at a scale holds the values in (base^i, base^(i+1)], base being 2^(2^-scale). So every value is
// in the bucket that it says, however far apart values are, and no list of buckets is longer than 4096.
func TestExponentialHoldsEveryValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := options()
		o.Timers.Observer = aggregate.ObserverNative
		o.Timers.Native.BucketFactor = rapid.SampledFrom([]float64{1.002, 1.1, 2, 70000}).Draw(t, "factor")
		o.Timers.Native.MaxBuckets = 160
		near := rapid.Float64Range(-10, 10)
		far := rapid.SampledFrom([]float64{0, 1, 2, 4, 1e300, 1e-30, -1e300, -1e-30, math.MaxFloat64})
		values := rapid.SliceOfN(rapid.OneOf(near, far), 1, 20).Draw(t, "values")
		lines := make([]string, len(values))
		for i, v := range values {
			lines[i] = fmt.Sprintf("x:%v|h", v)
		}
		got := exponentialOf(t, decode(t, request(otlp.NewEncoder(label.Labels{}), registryOf(t, &o, lines...), at)))
		want := exponential{counts: map[string]uint64{}}
		for _, v := range values {
			side := "positive"
			if v < 0 {
				side, v = "negative", -v
			}
			if v <= got.threshold {
				want.zeros++
				continue
			}
			want.counts[fmt.Sprint(side, indexAt(v, got.scale))]++
		}
		if fmt.Sprint(want.counts) != fmt.Sprint(got.counts) || got.zeros != want.zeros || got.count != uint64(len(values)) ||
			got.dense > 4096 {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// indexAt returns the index for which v is in (base^index, base^(index+1)].
func indexAt(v float64, scale int) int {
	index := int(math.Ceil(math.Log2(v)*math.Exp2(float64(scale)))) - 1
	for bound(index, scale) >= v {
		index--
	}
	for bound(index+1, scale) < v {
		index++
	}
	return index
}

func bound(index, scale int) float64 { return math.Exp2(float64(index) * math.Exp2(float64(-scale))) }

// Outliers make the scale coarser, not the request large.
func TestOutliersMakeTheScaleCoarser(t *testing.T) {
	o := options()
	o.Timers.Observer = aggregate.ObserverNative
	o.Timers.Native.BucketFactor = 1.002
	f := func(wantScale, wantDense int, lines ...string) {
		t.Helper()
		made := request(otlp.NewEncoder(label.Labels{}), registryOf(t, &o, lines...), at)
		got := exponentialOf(t, decode(t, made))
		if got.scale != wantScale || got.dense != wantDense || len(made) > 5000 {
			t.Errorf("%v: scale %d with %d buckets in %d bytes, want %d with %d", lines, got.scale, got.dense, len(made), wantScale, wantDense)
		}
	}
	f(8, 257, "x:1|h", "x:2|h")
	f(8, 2561, "x:1|h", "x:1024|h")
	f(7, 2561, "x:1|h", "x:1048576|h")
	f(1, 2194, "x:1e-30|h", "x:1e300|h")
}
