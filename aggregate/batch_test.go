package aggregate_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/protocol"
)

// A batch is recorded as its samples would be, one after the other: whether the shard looks ahead, in tables
// with many series, or not.
func TestRecordBatchEqualsRecord(t *testing.T) {
	newFilled := func(series int) (*aggregate.Registry, *aggregate.Shard) {
		r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = series + 4 })
		r.Tick(time.Unix(1_800_000_000, 0))
		shard := r.NewTaggedShard(aggregate.Tagging{Dialects: protocol.AllDialects, PodUID: series == 1})
		for i := range series {
			shard.Record(&protocol.Sample{Name: []byte("many"), Tags: fmt.Appendf(nil, "i:%d", i), Value: 1, Rate: 1})
		}
		return r, shard
	}
	for _, series := range []int{0, 1, 30_000} {
		one, oneShard := newFilled(series)
		many, manyShard := newFilled(series)
		rapid.Check(t, func(t *rapid.T) {
			samples := make([]protocol.Sample, rapid.IntRange(0, aggregate.BatchSize).Draw(t, "samples"))
			got, want := make([]protocol.Reason, len(samples)), make([]protocol.Reason, len(samples))
			for i := range samples {
				kind := protocol.Kind(rapid.IntRange(0, int(protocol.KindMeter)).Draw(t, "kind"))
				samples[i] = protocol.Sample{
					Name: []byte(rapid.SampledFrom([]string{"many", "a", "b" + kind.String()}).Draw(t, "name")),
					Tags: fmt.Appendf(nil, "i:%d", rapid.IntRange(0, max(6, series)).Draw(t, "tag")),
					Kind: kind, Rate: 1, Text: []byte("member"), Relative: rapid.Bool().Draw(t, "relative"),
					Value:    float64(rapid.IntRange(-2, 20).Draw(t, "value")),
					External: []byte(rapid.SampledFrom([]string{"", "pu-1", "pu-2"}).Draw(t, "origin")),
				}
				want[i] = oneShard.Record(&samples[i])
			}
			if rapid.Bool().Draw(t, "woke") {
				manyShard.Woke()
			}
			manyShard.RecordBatch(samples, got)
			if !slices.Equal(got, want) {
				t.Fatalf("reasons %v, want %v", got, want)
			}
		})
		if d := cmp.Diff(describe(one), describe(many)); d != "" {
			t.Errorf("%d series: one by one-, in batches+:\n%s", series, d)
		}
	}
}
