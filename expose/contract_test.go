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
	f := func(compressed bool) {
		t.Helper()
		renderer := expose.NewRenderer()
		renderer.Gzip = compressed
		measure := func(series int) float64 {
			registry := registryOfEachKind(series)
			return testing.AllocsPerRun(20, func() { renderer.RenderTo(io.Discard, registry) })
		}
		measure(500) // fills the pools
		if few, many := measure(500), measure(1000); many > few {
			t.Errorf("gzip %v: 500 series of each kind allocate %v times, 1000 of each %v times",
				compressed, few, many)
		}
	}
	f(false)
	f(true)
}

// registryOfEachKind has so many series of each kind but sets, whose members are counted with a map.
func registryOfEachKind(series int) *aggregate.Registry {
	registry := aggregate.New(aggregate.DefaultOptions())
	shard := registry.NewShard()
	for i := range series {
		for kind := range protocol.KindSet {
			shard.Record(&protocol.Sample{
				Name: fmt.Append(nil, "m", kind), Tags: fmt.Appendf(nil, "i:%d", i),
				Value: 1.5, Rate: 1, Kind: kind,
			})
		}
	}
	registry.Snapshot()
	return registry
}
