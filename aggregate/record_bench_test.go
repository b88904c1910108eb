package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"weir/aggregate"
	"weir/protocol"
)

// BenchmarkRecord is the hit path behind the decoder: find the cell of a raw key and add to it, for one
// shard, series in random order. Run:
//
//	go test -run='^$' -bench=BenchmarkRecord -count=10 ./aggregate
func BenchmarkRecord(b *testing.B) {
	kinds := []protocol.Kind{protocol.KindCounter, protocol.KindGauge, protocol.KindTimer, protocol.KindSet}
	for _, kind := range kinds {
		for _, tags := range []int{0, 3} {
			for _, series := range []int{1, 1_000, 10_000, 100_000} {
				b.Run(fmt.Sprintf("kind=%s/tags=%d/series=%d", kind, tags, series), func(b *testing.B) {
					benchmarkRecord(b, benchmarkSamples(kind, tags, series))
				})
			}
		}
	}
}

func benchmarkRecord(b *testing.B, samples []protocol.Sample) {
	b.Helper()
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = len(samples) })
	shard := r.NewShard()
	for i := range samples {
		if reason := shard.Record(&samples[i]); reason != protocol.ReasonNone {
			b.Fatalf("record: %v", reason)
		}
	}
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(samples))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		shard.Record(&samples[order[i]])
		if i++; i == len(order) {
			i = 0
		}
	}
	if got := r.Stats().Series; got != len(samples) {
		b.Fatalf("%d series, want %d", got, len(samples))
	}
}

func benchmarkSamples(kind protocol.Kind, tags, series int) []protocol.Sample {
	samples := make([]protocol.Sample, series)
	for i := range samples {
		s := &samples[i]
		*s = protocol.Sample{
			Name: fmt.Appendf(nil, "web.http.requests.%d", i), Text: []byte("12"), Value: 12, Rate: 1, Kind: kind,
		}
		if tags > 0 {
			s.Tags = fmt.Appendf(nil, "env:production,region:eu-west-1,service:shop%d", i%10)
		}
	}
	return samples
}

// BenchmarkBirth is the slow path: a raw key that the shard has not met.
func BenchmarkBirth(b *testing.B) {
	const series = 1000
	samples := benchmarkSamples(protocol.KindCounter, 3, series)
	b.ReportAllocs()
	for b.Loop() {
		shard := newRegistry(nil).NewShard()
		for i := range samples {
			shard.Record(&samples[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/series, "ns/series")
}
