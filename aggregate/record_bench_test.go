package aggregate_test

import (
	"bytes"
	"fmt"
	"testing"

	"weir/aggregate"
	"weir/bench/workload"
	"weir/protocol"
)

// BenchmarkRecord is the hit path behind the decoder: find the cell of a raw key and add to it, for one
// shard, series in random order. Run:
//
//	go test -run='^$' -bench=BenchmarkRecord -count=10 ./aggregate
func BenchmarkRecord(b *testing.B) {
	for _, kind := range []protocol.Kind{
		protocol.KindCounter, protocol.KindGauge, protocol.KindTimer, protocol.KindSet,
	} {
		for _, tags := range []int{0, 3} {
			for _, series := range []int{1, 1_000, 10_000, 100_000} {
				b.Run(fmt.Sprintf("kind=%s/tags=%d/series=%d", kind, tags, series), func(b *testing.B) {
					benchmarkRecord(b, kind, tags, series)
				})
			}
		}
	}
}

func benchmarkRecord(b *testing.B, kind protocol.Kind, tags, series int) {
	b.Helper()
	r, samples := benchmarkSamples(kind, tags, series)
	shard := r.NewShard()
	record := func() {
		for i := range samples {
			shard.Record(&samples[i])
		}
	}
	record()
	if got := r.Stats().Series; got != series {
		b.Fatalf("%d series, want %d", got, series)
	}
	b.ReportAllocs()
	for b.Loop() {
		record()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(samples)), "ns/sample")
}

// benchmarkSamples returns samples that have each series at least once, and a registry with room for them.
func benchmarkSamples(kind protocol.Kind, tags, series int) (*aggregate.Registry, []protocol.Sample) {
	spec := workload.Spec{Seed: 1, Series: series, Tags: tags}
	spec.Mix[kind] = 1
	g := workload.New(spec)
	samples := make([]protocol.Sample, 0, max(series, 1_000))
	for len(samples) < cap(samples) {
		var d protocol.Decoder
		d.Reset(g.AppendLine(nil))
		d.Next()
		s, err := d.Sample()
		if err != nil {
			panic(err)
		}
		samples = append(samples, *s)
	}
	return newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = series }), samples
}

// BenchmarkDecodeAndRecord is all that a datagram costs behind the socket.
func BenchmarkDecodeAndRecord(b *testing.B) {
	for _, tags := range []int{0, 3} {
		for _, series := range []int{1, 1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("tags=%d/series=%d", tags, series), func(b *testing.B) {
				g := workload.New(workload.Spec{Seed: 1, Series: series, Tags: tags, Mix: workload.CountersOnly()})
				var datagrams bytes.Buffer
				for range max(series, 1_000) {
					datagrams.Write(append(g.AppendLine(nil), '\n'))
				}
				r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = series })
				shard := r.NewShard()
				recordAll(shard, datagrams.Bytes()) // the creation of series is not measured
				b.SetBytes(int64(datagrams.Len()))
				b.ReportAllocs()
				for b.Loop() {
					recordAll(shard, datagrams.Bytes())
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(max(series, 1_000)), "ns/line")
			})
		}
	}
}

// recordAll takes lines in batches, as ingest does.
func recordAll(shard *aggregate.Shard, lines []byte) {
	var samples [aggregate.BatchSize]protocol.Sample
	var reasons [aggregate.BatchSize]protocol.Reason
	n := 0
	var d protocol.Decoder
	d.Reset(lines)
	for d.Next() {
		for {
			s, err := d.Sample()
			if s == nil && err == nil {
				break
			}
			if s == nil {
				continue
			}
			samples[n] = *s
			if n++; n == len(samples) {
				shard.RecordBatch(samples[:], reasons[:])
				n = 0
			}
		}
	}
	shard.RecordBatch(samples[:n], reasons[:n])
}

// BenchmarkCreate is the slow path: a raw key that the shard has not met.
func BenchmarkCreate(b *testing.B) {
	const series = 1_000
	_, samples := benchmarkSamples(protocol.KindCounter, 3, series)
	b.ReportAllocs()
	for b.Loop() {
		shard := newRegistry(nil).NewShard()
		for i := range samples {
			shard.Record(&samples[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/series, "ns/series")
}
