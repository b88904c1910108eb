package exponential_test

import (
	"fmt"
	"maps"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"

	"weir/aggregate/exponential"
)

// buckets are the populated buckets of a histogram, by sign and index.
type buckets struct {
	Schema        int
	ZeroThreshold float64
	ZeroCount     uint64
	Count         uint64
	Buckets       map[string]uint64
}

func positive(index int) string { return fmt.Sprint("+", index) }

// read reads histograms, merged.
func read(histograms ...*exponential.Histogram) buckets {
	var sum exponential.Sum
	for _, h := range histograms {
		sum.Add(h)
	}
	return populated(sum.Buckets(math.MaxInt))
}

func populated(n exponential.Buckets) buckets {
	b := buckets{n.Schema, n.ZeroThreshold, n.ZeroCount, n.Count, map[string]uint64{}}
	for _, bucket := range n.Positive {
		b.add("+", bucket.Index, bucket.Count)
	}
	for _, bucket := range n.Negative {
		b.add("-", bucket.Index, bucket.Count)
	}
	return b
}

func (b *buckets) add(sign string, index int, count uint64) {
	if count > 0 {
		b.Buckets[fmt.Sprint(sign, index)] = count
	}
}

// clientBuckets reads what Prometheus's client library has.
func clientBuckets(t testingT, h prometheus.Metric) buckets {
	t.Helper()
	var m dto.Metric
	if err := h.Write(&m); err != nil {
		t.Fatal(err)
	}
	p := m.GetHistogram()
	b := buckets{
		int(p.GetSchema()), p.GetZeroThreshold(), p.GetZeroCount(), p.GetSampleCount(), map[string]uint64{},
	}
	walk := func(sign string, spans []*dto.BucketSpan, deltas []int64) {
		index, count := 0, int64(0)
		for _, span := range spans {
			index += int(span.GetOffset())
			for range span.GetLength() {
				count += deltas[0]
				deltas = deltas[1:]
				b.add(sign, index, uint64(count))
				index++
			}
		}
	}
	walk("+", p.GetPositiveSpan(), p.GetPositiveDelta())
	walk("-", p.GetNegativeSpan(), p.GetNegativeDelta())
	return b
}

// newClient returns a histogram of Prometheus's client library with the same options.
func newClient(o *exponential.Options) prometheus.Histogram {
	threshold := o.ZeroThreshold
	if threshold == 0 {
		threshold = prometheus.NativeHistogramZeroThresholdZero
	}
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "h", NativeHistogramBucketFactor: factorOf(o.Schema),
		NativeHistogramMaxBucketNumber: uint32(o.MaxBuckets), NativeHistogramZeroThreshold: threshold,
		NativeHistogramMaxZeroThreshold: o.MaxZeroThreshold,
	})
}

// testingT is a test, or one of rapid's.
type testingT interface {
	Helper()
	Fatal(args ...any)
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

// A histogram has, at any time, the buckets that Prometheus's client library makes of the same
// observations: the schema, the zero bucket and every other one. An observation with a weight is as many
// observations.
func TestEqualsClientLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := exponential.Options{
			Schema:     rapid.IntRange(-4, 8).Draw(t, "schema"),
			MaxBuckets: rapid.SampledFrom([]int{1, 3, 10, 160}).Draw(t, "max buckets"),
			ZeroThreshold: rapid.SampledFrom([]float64{
				0, exponential.DefaultZeroThreshold, 0.01,
			}).Draw(t, "zero threshold"),
			MaxZeroThreshold: rapid.SampledFrom([]float64{0, 1e-6, 1}).Draw(t, "max zero threshold"),
		}
		var h exponential.Histogram
		client, isReduced := newClient(&options), false
		for i, v := range rapid.SliceOfN(observation, 1, 400).Draw(t, "values") {
			weight := rapid.SampledFrom([]int{1, 1, 1, 2, 7}).Draw(t, "weight")
			isReduced = h.Observe(v, uint64(weight), &options) > 0 || isReduced
			for range weight {
				client.Observe(v)
			}
			if i%10 > 0 {
				continue
			}
			if d := cmp.Diff(clientBuckets(t, client), read(&h)); d != "" {
				t.Fatalf("observation %d, client-, weir+:\n%s", i, d)
			}
		}
		if got := h.IsReduced(&options); got != isReduced {
			t.Fatalf("IsReduced() = %v, want %v", got, isReduced)
		}
	})
}

// One value far from all others costs one bucket: no resolution, and not the memory between.
func TestOutliersCostOneBucket(t *testing.T) {
	options := exponential.Options{Schema: 8, MaxBuckets: 160, ZeroThreshold: exponential.DefaultZeroThreshold}
	var h exponential.Histogram
	for _, v := range []float64{0.1, 1e300, 1e-30, -1e300, math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		h.Observe(v, 1, &options)
	}
	var sum exponential.Sum
	sum.Add(&h)
	if b := sum.Buckets(160); b.Schema != 8 || len(b.Positive) != 5 || len(b.Negative) != 2 {
		t.Errorf("schema %d with %v and %v, want schema 8 with 5 and 2 buckets", b.Schema, b.Positive, b.Negative)
	}
}

// What several histograms observed is what one would have: in the coarsest resolution of them.
func TestSumOfHistograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := exponential.Options{
			Schema: 3, MaxBuckets: 40, ZeroThreshold: exponential.DefaultZeroThreshold,
			MaxZeroThreshold: rapid.SampledFrom([]float64{0, 1e-6}).Draw(t, "max zero threshold"),
		}
		var one exponential.Histogram
		var many [3]exponential.Histogram
		previous := math.MaxInt
		var sum exponential.Sum
		for _, v := range rapid.SliceOfN(observation, 1, 300).Draw(t, "values") {
			many[rapid.IntRange(0, len(many)-1).Draw(t, "histogram")].Observe(v, 1, &options)
			one.Observe(v, 1, &options)
			sum.Reset()
			for i := range many {
				sum.Add(&many[i])
			}
			got, want := populated(sum.Buckets(40)), read(&one)
			if got.Schema > previous {
				t.Fatalf("the schema rises from %d to %d", previous, got.Schema)
			}
			previous = got.Schema
			if got.Count != want.Count || got.ZeroCount != want.ZeroCount || sum.Total() != want.Count {
				t.Fatalf("got %+v, want %+v", got, want)
			}
			if len(got.Buckets) > 40+len(many) { // each may have one more for a moment
				t.Fatalf("%d buckets, want at most 40", len(got.Buckets))
			}
			if got.Schema == want.Schema && !maps.Equal(got.Buckets, want.Buckets) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
	})
}

// Buckets stay few whatever is observed, and nothing is lost.
func TestBucketsAreBounded(t *testing.T) {
	const n = 20_000
	options := exponential.Options{Schema: 3, MaxBuckets: 160, ZeroThreshold: exponential.DefaultZeroThreshold}
	var h exponential.Histogram
	for i := range n {
		v := math.Ldexp(1+float64(i%7)/7, i%2000-1000)
		if i%3 == 0 {
			v = -v
		}
		h.Observe(v, 1, &options)
	}
	if b := read(&h); len(b.Buckets) > 160 || b.Count != n {
		t.Errorf("%d buckets of %d observations, want at most 160 of %d", len(b.Buckets), b.Count, n)
	}
}

// A restored histogram has the same buckets, and goes on as the first one would.
func TestRestore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := exponential.Options{
			Schema: rapid.IntRange(-4, 8).Draw(t, "schema"), MaxBuckets: 20,
			ZeroThreshold: exponential.DefaultZeroThreshold, MaxZeroThreshold: 1e-3,
		}
		var h, restored exponential.Histogram
		values := rapid.SliceOfN(observation, 1, 100).Draw(t, "values")
		for _, v := range values {
			h.Observe(v, 3, &options)
		}
		var sum exponential.Sum
		sum.Add(&h)
		b := sum.Buckets(math.MaxInt)
		if err := restored.Restore(&b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(read(&h), read(&restored)); d != "" {
			t.Fatalf("saved-, restored+:\n%s", d)
		}
		for _, v := range values {
			h.Observe(v, 1, &options)
			restored.Observe(v, 1, &options)
		}
		if d := cmp.Diff(read(&h), read(&restored)); d != "" {
			t.Fatalf("went on-, went on when restored+:\n%s", d)
		}
	})
}

func TestRestoreRefusesOtherSchemas(t *testing.T) {
	for _, schema := range []int{-5, 9} {
		var h exponential.Histogram
		if err := h.Restore(&exponential.Buckets{Schema: schema}); err == nil || read(&h).Count != 0 {
			t.Errorf("schema %d: %v, want an error", schema, err)
		}
	}
}

// Observing again what has a bucket allocates nothing.
func TestObserveAllocatesNothing(t *testing.T) {
	options := exponential.Options{Schema: 3, MaxBuckets: 160}
	var h exponential.Histogram
	w := exponential.NewWindow(5, 10)
	observe := func() {
		h.Observe(0.25, 1, &options)
		w.Observe(0.25, 1, 7)
	}
	observe()
	if got := testing.AllocsPerRun(100, observe); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}
