package workload_test

import (
	"fmt"
	"testing"

	"weir/bench/workload"
)

// BenchmarkAppendDatagram makes datagrams of 1,432 bytes, the payload that clients pack for Ethernet. Run:
//
//	go test -run='^$' -bench=BenchmarkAppendDatagram -count=10 ./bench/workload
func BenchmarkAppendDatagram(b *testing.B) {
	for _, tags := range []int{0, 3} {
		for _, series := range []int{1_000, 100_000} {
			b.Run(fmt.Sprintf("tags=%d/series=%d", tags, series), func(b *testing.B) {
				g := workload.New(workload.Spec{Seed: 1, Series: series, Tags: tags, SampledShare: 0.1})
				buffer := g.AppendDatagram(nil, 100, 1432)
				before := g.Count().Lines
				bytes := 0
				b.ReportAllocs()
				for b.Loop() {
					buffer = g.AppendDatagram(buffer[:0], 100, 1432)
					bytes += len(buffer)
				}
				lines := g.Count().Lines - before
				b.SetBytes(int64(bytes / b.N))
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(lines), "ns/line")
			})
		}
	}
}

// BenchmarkNew makes the generator of a thousand series.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		workload.New(workload.Spec{Seed: 1, Series: 1000, Tags: 3})
	}
}
