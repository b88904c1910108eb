//go:build !race

package expose_test

import (
	"fmt"
	"io"
	"testing"

	"weir/aggregate"
	"weir/expose"
	"weir/protocol"
)

// A series must cost no allocation to render: a scrape of twice as many allocates no more.
func TestRenderAllocatesNothingPerSeries(t *testing.T) {
	f := func(format expose.Format, compressed bool) {
		t.Helper()
		renderer := expose.NewRenderer()
		renderer.Format, renderer.Gzip = format, compressed
		measure := func(series int) float64 {
			registry := registryOfEachKind(series)
			return testing.AllocsPerRun(20, func() { renderer.RenderTo(io.Discard, registry) })
		}
		measure(500)     // fills the pools
		const slack = 50 // pools that were emptied, buffers that grow with a family of protobuf
		if few, many := measure(500), measure(1000); many > few+slack {
			t.Errorf("format %d, gzip %v: 500 series of each kind allocate %v times, 1000 of each %v times",
				format, compressed, few, many)
		}
	}
	for _, format := range []expose.Format{expose.FormatText, expose.FormatOpen, expose.FormatProtobuf} {
		f(format, false)
		f(format, true)
	}
}

// What Prometheus sends is negotiated without an allocation.
func TestNegotiateAllocatesNothing(t *testing.T) {
	accept := [][]byte{[]byte("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," +
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1")}
	if n := testing.AllocsPerRun(100, func() { expose.Negotiate(accept...) }); n != 0 {
		t.Errorf("negotiating allocates %v times", n)
	}
}

// A page that changed costs what keeps it, a series in it nothing; one that did not change costs nothing.
func TestPagesAllocate(t *testing.T) {
	const series = 20_000
	for _, compressed := range []bool{false, true} {
		registry, change := benchRegistry(series)
		renderer := expose.NewRenderer()
		renderer.Gzip = compressed
		renderer.Options.Cache = expose.Cache{Enabled: true, MaxSize: 1 << 30}
		f := func(changes int, most float64) {
			t.Helper()
			got := testing.AllocsPerRun(10, func() {
				for i := range changes {
					change(i)
				}
				renderer.RenderTo(io.Discard, registry)
			})
			if got > most {
				t.Errorf("gzip %v: %d of %d series changed: %v allocations, want at most %v",
					compressed, changes, series, got, most)
			}
		}
		f(0, 200)            // blocks of 64 KiB, and the lists of pieces
		f(series, series/20) // pages of some 70 series
	}
}

// registryOfEachKind has so many series of each kind but sets, whose members are counted with a map, and exemplars.
func registryOfEachKind(series int) *aggregate.Registry {
	options := aggregate.DefaultOptions()
	options.Series.ExemplarTags = []string{"trace_id"}
	registry := aggregate.New(options)
	shard := registry.NewShard()
	for i := range series {
		for kind := range protocol.KindSet {
			shard.Record(&protocol.Sample{
				Name: fmt.Append(nil, "m", kind, "_total"), Tags: fmt.Appendf(nil, "i:%d,trace_id:t%d", i, i),
				Value: 1.5, Rate: 1, Kind: kind,
			})
		}
	}
	registry.Snapshot()
	return registry
}
