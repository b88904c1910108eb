package ingest_test

import (
	"fmt"
	"testing"

	"weir/aggregate"
	"weir/bench/workload"
	"weir/ingest"
)

// BenchmarkDatagram takes datagrams of ten lines of known series, from the bytes to the cells: while nobody looks
// (off), and while somebody looks at senders and rates (on), or follows a name that is not sent (tail).
//
//	go test -run='^$' -bench=Datagram ./ingest
func BenchmarkDatagram(b *testing.B) {
	for _, look := range []string{"off", "on", "tail"} {
		for _, series := range []int{1000, 100_000} {
			b.Run(fmt.Sprintf("look=%s/series=%d", look, series), func(b *testing.B) {
				g := workload.New(workload.Spec{Seed: 1, Series: series, Tags: 3, Mix: workload.RealisticMix()})
				datagrams := make([][]byte, 2*series/10)
				registry := aggregate.New(aggregate.DefaultOptions())
				take, count, end := ingest.NewWatchedTaker(registry, look)
				defer end()
				for i := range datagrams {
					datagrams[i] = g.AppendDatagram(nil, 10, 1432)
					take(datagrams[i])
				}
				if samples, recorded := count(); samples != recorded || samples == 0 {
					b.Fatalf("%d of %d samples were recorded", recorded, samples)
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					take(datagrams[i%len(datagrams)])
					i++
				}
			})
		}
	}
}
