package aggregate_test

import (
	"bytes"
	"fmt"
	"testing"

	"weir/aggregate"
	"weir/bench/workload"
)

// BenchmarkExemplars is BenchmarkDecodeAndRecord with three tags: where no tags become exemplars, where
// some do that nobody sends, and where each line has one. Run:
//
//	go test -run='^$' -bench=BenchmarkExemplars -count=10 ./aggregate
func BenchmarkExemplars(b *testing.B) {
	const series = 1_000
	for name, c := range map[string]struct {
		tags []string
		sent bool
	}{"off": {}, "not-sent": {tags: []string{"trace_id"}}, "sent": {tags: []string{"trace_id"}, sent: true}} {
		b.Run("tags="+name, func(b *testing.B) {
			g := workload.New(workload.Spec{Seed: 1, Series: series, Tags: 3, Mix: workload.CountersOnly()})
			var datagrams bytes.Buffer
			for i := range series {
				datagrams.Write(g.AppendLine(nil))
				if c.sent {
					fmt.Fprintf(&datagrams, ",trace_id:%032x", i)
				}
				datagrams.WriteByte('\n')
			}
			shard := newRegistry(func(o *aggregate.Options) { o.Series.ExemplarTags = c.tags }).NewShard()
			recordAll(shard, datagrams.Bytes())
			b.SetBytes(int64(datagrams.Len()))
			b.ReportAllocs()
			for b.Loop() {
				recordAll(shard, datagrams.Bytes())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/series, "ns/line")
		})
	}
}
