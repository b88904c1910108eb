//go:build !race

package page_test

import (
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/page"
	"weir/protocol"
)

// A series must cost no allocation to render: a scrape of twice as many allocates no more.
func TestRenderAllocatesNothingPerSeries(t *testing.T) {
	f := func(encoding format.Encoding, compressed bool) {
		t.Helper()
		measure := func(series int) float64 {
			renderer := newRenderer(registryOfEachKind(series))
			renderer.Encoding, renderer.AcceptsGzip = encoding, compressed
			renderer.renderTo(io.Discard) // fills the pools
			return testing.AllocsPerRun(20, func() { renderer.renderTo(io.Discard) })
		}
		const slack = 50 // pools that were emptied, buffers that grow with a family of protobuf
		if few, many := measure(500), measure(1000); many > few+slack {
			t.Errorf("encoding %d, gzip %v: 500 series of each kind allocate %v times, 1000 of each %v times",
				encoding, compressed, few, many)
		}
	}
	for _, e := range encodings {
		f(e.encoding, false)
		f(e.encoding, true)
	}
}

// A page that changed costs the allocations that keep its values and its bytes, whatever number of series it
// has; one that did not change costs none.
func TestPagesAllocate(t *testing.T) {
	const series = 20_000
	for _, compressed := range []bool{false, true} {
		registry, change := benchRegistry(series)
		renderer := newSharing(registry)
		renderer.AcceptsGzip = compressed
		f := func(changes int, most float64) {
			t.Helper()
			got := testing.AllocsPerRun(10, func() {
				for i := range changes {
					change(i)
				}
				renderer.renderTo(io.Discard)
			})
			if got > most {
				t.Errorf("gzip %v: %d of %d series changed: %v allocations, want at most %v",
					compressed, changes, series, got, most)
			}
		}
		f(0, 200)            // blocks of 64 KiB, and the lists of pieces
		f(series, series/16) // pages of some 70 series
	}
}

// However many requests want the values of now, and however many series there are, ten collections a second
// are made.
func TestFreshRequestsOfManySeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry, change := benchRegistry(300_000)
		r := newSharing(registry)
		r.TTL = time.Second
		cache := r.open()
		var asking sync.WaitGroup
		for i := range 1000 {
			time.Sleep(time.Millisecond)
			asking.Go(func() {
				change(0)
				now := time.Now()
				request := page.Request{Encoding: format.Encoding(i % 2), AcceptsGzip: i%4 == 0, IsFresh: true}
				if _, err := cache.Get(request, now, now.Add(time.Hour)); err != nil {
					t.Error(err)
				}
			})
		}
		asking.Wait()
		if n := cache.Stats().Collections; n > 11 { // the last ends in the next second
			t.Errorf("%d collections in a second, want at most 10", n)
		}
	})
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
