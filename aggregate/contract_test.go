//go:build !race

package aggregate_test

import (
	"testing"

	"weir/aggregate"
	"weir/protocol"
)

func TestRecordHitAllocatesNothing(t *testing.T) {
	f := func(m protocol.Sample) {
		t.Helper()
		r := newRegistry(nil)
		shard := r.NewShard()
		shard.Record(&m)
		if got := testing.AllocsPerRun(100, func() { shard.Record(&m) }); got != 0 {
			t.Errorf("a hit of kind %d allocates %v times", m.Kind, got)
		}
	}
	for kind := range protocol.KindEvent {
		f(protocol.Sample{Name: []byte("a.name"), Text: []byte("1"), Value: 1, Rate: 1, Kind: kind})
		f(protocol.Sample{
			Name: []byte("a.name"), Tags: []byte("a:1,b:2,c"), Text: []byte("1"), Value: 1, Rate: 0.3, Kind: kind,
		})
	}
}

func TestRecordBatchAllocatesNothing(t *testing.T) {
	for _, series := range []int{1, 30_000} { // the second makes the shard look ahead
		r, samples := benchmarkSamples(protocol.KindCounter, 3, series)
		shard := r.NewShard()
		for i := range samples {
			shard.Record(&samples[i])
		}
		reasons := make([]protocol.Reason, aggregate.BatchSize)
		shard.Woke()
		if got := testing.AllocsPerRun(100, func() { shard.RecordBatch(samples[:len(reasons)], reasons) }); got != 0 {
			t.Errorf("a batch of hits among %d series allocates %v times", series, got)
		}
	}
}

// A refused series must cost no memory, however often it comes.
func TestRefusalAllocatesNothing(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxTotalSeries = 1 })
	shard := r.NewShard()
	for kind := range protocol.KindEvent {
		m := protocol.Sample{Name: []byte("a.name"), Tags: []byte("a:1,b"), Value: 1, Rate: 1, Kind: kind, Text: []byte("1")}
		m.Tags[2] += byte(kind)
		shard.Record(&m)
		if kind == 0 {
			continue
		}
		if got := testing.AllocsPerRun(100, func() { shard.Record(&m) }); got != 0 {
			t.Errorf("a refusal of kind %d allocates %v times", kind, got)
		}
	}
}
