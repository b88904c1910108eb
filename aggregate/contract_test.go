//go:build !race

package aggregate_test

import (
	"bytes"
	"fmt"
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

// Samples of one series with ever new trace ids find it without the registry and without memory, but for one
// exemplar a second and place.
func TestExemplarHitAllocatesNothing(t *testing.T) {
	f := func(kind protocol.Kind, name, tags string) {
		t.Helper()
		r := traced(nil)
		shard := r.NewShard()
		m := protocol.Sample{Name: []byte(name), Tags: []byte(tags), Value: 1, Rate: 1, Kind: kind, Text: []byte("x")}
		id := m.Tags
		if tags == "" {
			id = m.Name
		}
		at := bytes.Index(id, []byte("0000"))
		samples, reasons := []protocol.Sample{m}, make([]protocol.Reason, 1)
		record := func(i int) {
			copy(id[at:], fmt.Appendf(nil, "%04d", i))
			shard.RecordBatch(samples, reasons)
		}
		record(0)
		keys := shard.KeyBytes()
		i := 0
		if got := testing.AllocsPerRun(1, func() {
			for i++; i%5000 != 0; i++ {
				id[at], id[at+1], id[at+2], id[at+3] = '0'+byte(i/1000), '0'+byte(i/100%10), '0'+byte(i/10%10), '0'+byte(i%10)
				shard.RecordBatch(samples, reasons)
			}
		}); got != 0 {
			t.Errorf("%s|#%s of kind %v: %v allocations", name, tags, kind, got)
		}
		if got := r.Stats().Series; got != 1 || reasons[0] != protocol.ReasonNone {
			t.Errorf("%s|#%s of kind %v: %d series, %v", name, tags, kind, got, reasons[0])
		}
		if got := shard.KeyBytes(); got != keys {
			t.Errorf("%s|#%s of kind %v: the raw keys took %d bytes, and take %d", name, tags, kind, keys, got)
		}
	}
	for kind := range protocol.KindEvent {
		f(kind, "a.name", "a:1,trace_id:0000,b:2")
		f(kind, "a.name", "trace_id:0000")
		if kind != protocol.KindCheck {
			f(kind, "a.name,a=1,trace_id=0000,b=2", "")
			f(kind, "a[trace_id=0000].name", "")
		}
	}
}

// Where no tags become exemplars, series are as large as before there were any: 72 bytes and 80 take as much.
func TestSeriesSize(t *testing.T) {
	if aggregate.SeriesSize > 80 {
		t.Errorf("a Series has %d bytes, want at most 80", aggregate.SeriesSize)
	}
}
