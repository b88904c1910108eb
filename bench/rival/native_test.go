package rival_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"weir/aggregate"
	"weir/protocol"
)

// A native histogram is the one that client_golang makes of the same observations, with the same options: schema,
// zero bucket, every bucket and the sum, whatever outliers there are. Each configuration is scraped over HTTP.
func TestNativeEqualsClientLibrary(t *testing.T) {
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 1))
		options := aggregate.DefaultOptions()
		options.Timers.Observer = aggregate.ObserverNative
		options.Timers.Native = randomNative(random)
		registry := aggregate.New(options)
		shard, client := registry.NewShard(), newClientHistogram(&options.Timers.Native)
		draw := randomStream(random)
		for range 1 + random.IntN(1000) {
			v := draw()
			client.Observe(v)
			sample := protocol.Sample{Name: []byte("h"), Value: v, Rate: 1, Kind: protocol.KindHistogram}
			if reason := shard.Record(&sample); reason != protocol.ReasonNone {
				t.Fatalf("seed %d: %v was refused: %v", seed, v, reason)
			}
		}
		var want dto.Metric
		if err := client.Write(&want); err != nil {
			t.Fatal(err)
		}
		got := scrapeHistogram(t, registry)
		if diff := cmp.Diff(nativeOf(want.GetHistogram()), nativeOf(got)); diff != "" {
			t.Fatalf("seed %d, %+v, client_golang-, weir+:\n%s", seed, options.Timers.Native, diff)
		}
	}
}

func randomNative(random *rand.Rand) aggregate.Native {
	one := func(values ...float64) float64 { return values[random.IntN(len(values))] }
	return aggregate.Native{
		BucketFactor:     one(1.002, 1.02, 1.05, 1.1, 1.1, 1.2, 1.5, 2, 4, 100, 65536, 1+random.Float64()),
		MaxBuckets:       int(one(1, 2, 10, 50, 160, 160, 160, 1000)),
		ZeroThreshold:    one(0, 0x1p-128, 0x1p-128, 1e-9, 0.01),
		MaxZeroThreshold: one(0, 1e-6, 1e-6, 0.1, 1),
	}
}

func newClientHistogram(o *aggregate.Native) prometheus.Histogram {
	threshold := o.ZeroThreshold
	if threshold == 0 {
		threshold = prometheus.NativeHistogramZeroThresholdZero
	}
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "h", NativeHistogramBucketFactor: o.BucketFactor,
		NativeHistogramMaxBucketNumber: uint32(o.MaxBuckets), NativeHistogramZeroThreshold: threshold,
		NativeHistogramMaxZeroThreshold: o.MaxZeroThreshold,
	})
}

// randomStream returns a distribution of values with outliers. One infinity at most: the sum of both is no number,
// and weir refuses the second.
func randomStream(random *rand.Rand) func() float64 {
	center, spread := random.NormFloat64()*4, random.Float64()*4
	outliers := []float64{
		0, 1e300, 1e-300, -1e300, -1e-300, 5e-324, 1e-6, 1e4, -0.001, math.Copysign(0, -1),
		math.Inf(1 - 2*random.IntN(2)),
	}
	outlierShare, negativeShare := random.Float64()*0.05, random.Float64()*random.Float64()*0.5
	return func() float64 {
		if random.Float64() < outlierShare {
			return outliers[random.IntN(len(outliers))]
		}
		v := math.Exp(center + spread*random.NormFloat64())
		if random.Float64() < negativeShare {
			return -v
		}
		return v
	}
}

// scrapeHistogram returns the only series of a registry, a histogram.
func scrapeHistogram(t *testing.T, registry *aggregate.Registry) *dto.Histogram {
	t.Helper()
	body, _, err := scrape(registry, formats[len(formats)-1])
	if err != nil {
		t.Fatal(err)
	}
	var family dto.MetricFamily
	if err := expfmt.NewDecoder(bytes.NewReader(body), expfmt.NewFormat(expfmt.TypeProtoDelim)).Decode(&family); err != nil {
		t.Fatal(err)
	}
	return family.GetMetric()[0].GetHistogram()
}

// native is a native histogram without the way in which its buckets are written.
type native struct {
	Schema             int32
	ZeroThreshold, Sum float64
	ZeroCount, Count   uint64
	Positive, Negative map[int32]int64
}

func nativeOf(h *dto.Histogram) native {
	return native{
		h.GetSchema(), h.GetZeroThreshold(), h.GetSampleSum(), h.GetZeroCount(), h.GetSampleCount(),
		nativeBucketsOf(h.GetPositiveSpan(), h.GetPositiveDelta()),
		nativeBucketsOf(h.GetNegativeSpan(), h.GetNegativeDelta()),
	}
}

func nativeBucketsOf(spans []*dto.BucketSpan, deltas []int64) map[int32]int64 {
	buckets, index, count := make(map[int32]int64), int32(0), int64(0)
	for _, span := range spans {
		index += span.GetOffset()
		for range span.GetLength() {
			count += deltas[0]
			deltas = deltas[1:]
			if count != 0 {
				buckets[index] = count
			}
			index++
		}
	}
	return buckets
}
