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
	measure := func(series int) float64 {
		registry := aggregate.New(aggregate.DefaultOptions())
		shard := registry.NewShard()
		for i := range series {
			for kind := range protocol.KindSet { // counting a set's members needs a map
				shard.Record(&protocol.Sample{
					Name: fmt.Append(nil, "m", kind), Tags: fmt.Appendf(nil, "i:%d", i), Value: 1.5, Rate: 1, Kind: kind,
				})
			}
		}
		registry.Snapshot()
		return testing.AllocsPerRun(20, func() { expose.RenderTo(io.Discard, registry) })
	}
	if few, many := measure(500), measure(1000); many > few {
		t.Errorf("rendering 500 series of each kind allocates %v times, 1000 of each %v times", few, many)
	}
}
