package page_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/page"
	"weir/protocol"
)

// richRegistry shows what only some encodings have: exemplars, native buckets and names in UTF-8.
func richRegistry() *aggregate.Registry {
	options := aggregate.DefaultOptions()
	options.Timers.Observer = aggregate.ObserverBoth
	options.Series.ExemplarTags = []string{"trace_id"}
	options.Sanitize.Names = aggregate.NamesUTF8
	return aggregate.New(options)
}

// recordSome records samples of any kind.
func recordSome(t *rapid.T, shard *aggregate.Shard) {
	kinds := []protocol.Kind{
		protocol.KindCounter, protocol.KindGauge, protocol.KindTimer, protocol.KindHistogram, protocol.KindSet,
	}
	for range rapid.IntRange(0, 2).Draw(t, "bursts") {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		families := rapid.SampledFrom([]int{1, 40}).Draw(t, "families")
		from := rapid.IntRange(0, 500).Draw(t, "from")
		for i := range rapid.SampledFrom([]int{1, 20, 200}).Draw(t, "count") {
			shard.Record(&protocol.Sample{
				Name: fmt.Appendf(nil, "m.%d.%d.total", kind, i%families), Kind: kind, Rate: 1,
				Tags:  fmt.Appendf(nil, "an.id:%d,trace_id:t%d", from+i, i),
				Value: float64(i%17) - 1, Text: strconv.AppendInt(nil, int64(i%300), 10),
			})
		}
	}
}

// requests are one of every variant, except protobuf with names in UTF-8, which the decoder of the test refuses.
func requests() (all []page.Request) {
	for encoding := range format.NumEncodings {
		for escaping := range format.NumEscapings {
			if encoding == format.EncodingProtobuf && escaping == format.EscapeNothing {
				continue
			}
			for _, gzip := range []bool{false, true} {
				all = append(all, page.Request{Encoding: encoding, Escaping: escaping, AcceptsGzip: gzip})
			}
		}
	}
	return all
}

// canonical returns an exposition unpacked, with the series of each family in order.
func canonical(t *rapid.T, r page.Request, exposition []byte) string {
	if bytes.HasPrefix(exposition, []byte{0x1f, 0x8b}) {
		exposition = unpack(t, exposition)
	}
	return inOrder(t, r.Encoding, exposition)
}

// Within the TTL every variant shows the values that were collected for the first, whichever variant that was,
// and whatever is recorded meanwhile.
func TestVariantsShowOneCollection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		registry := richRegistry()
		shard := registry.NewShard()
		cached, again := newSharing(registry), newRenderer(registry)
		cached.TTL = time.Hour
		cached.MaxSizeBytes = rapid.SampledFrom([]int{1_000_000, 1 << 30}).Draw(t, "room") // for the values, at least
		cached.open().CollectAtAnyTime()
		for round := range rapid.IntRange(1, 2).Draw(t, "rounds") {
			recordSome(t, shard)
			again.self = []*dto.MetricFamily{{
				Name: new("self"), Type: dto.MetricType_GAUGE.Enum(),
				Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(float64(round))}}},
			}}
			cached.self = again.self
			want := make(map[int][]byte)
			order := rapid.Permutation(requests()).Draw(t, "order")[:3]
			for i, request := range order {
				again.Request = request
				want[i] = again.render()
			}
			for i, request := range order {
				cached.Request, cached.IsFresh = request, i == 0
				if canonical(t, request, cached.render()) != canonical(t, request, want[i]) {
					t.Fatalf("round %d, variant %d (%+v) differs from its collection", round, i, request)
				}
				recordSome(t, shard)
				cached.self = nil
			}
		}
	})
}

// Requests that want the values of now get them, from at most ten collections a second, in every encoding; and
// scrapes share what was collected for them.
func TestFreshRequestsShareCollections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, add := cachedRenderer(time.Minute)
		cache := r.open()
		var recorded float64
		var mu sync.Mutex
		total := func(encoding format.Encoding, isFresh bool) float64 {
			now := time.Now()
			response, err := cache.Get(page.Request{Encoding: encoding, IsFresh: isFresh}, now, now.Add(time.Hour))
			if err != nil {
				t.Error(err)
				return 0
			}
			response.Deadline = now.Add(time.Hour)
			var b bytes.Buffer
			if _, err := response.WriteTo(&b); err != nil {
				t.Error(err)
			}
			_, rest, _ := strings.Cut("\n"+b.String(), "\nrequests ")
			value, _ := strconv.ParseFloat(strings.SplitN(rest, "\n", 2)[0], 64)
			return value
		}
		const seconds = 5
		var asking sync.WaitGroup
		for i := range seconds * 1000 {
			time.Sleep(time.Millisecond)
			asking.Go(func() {
				mu.Lock()
				add()
				recorded++
				before := recorded
				mu.Unlock()
				if got := total(format.Encoding(i%2), true); got < before {
					t.Errorf("a fresh request got %v of %v", got, before)
				}
			})
		}
		asking.Wait()
		if n := cache.Stats().Collections; n < seconds || n > seconds*10+1 {
			t.Errorf("%d collections in %d seconds, want at most 10 a second", n, seconds)
		}
		collections := cache.Stats().Collections
		mu.Lock()
		defer mu.Unlock()
		for encoding := range format.EncodingProtobuf {
			if got := total(encoding, false); got != recorded {
				t.Errorf("a scrape got %v of %v", got, recorded)
			}
		}
		if n := cache.Stats().Collections; n != collections {
			t.Errorf("scrapes within the TTL began %d collections", n-collections)
		}
	})
}

// A collection that fails fails its expositions, and no others: the next request begins another.
func TestCollectionThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := cachedRenderer(time.Minute)
		r.gathering = func() { panic("no") }
		get := func() error {
			now := time.Now()
			_, err := r.open().Get(r.Request, now, now.Add(time.Hour))
			return err
		}
		for range 2 {
			if err := get(); err == nil || !strings.Contains(err.Error(), "no") {
				t.Errorf("error %v, want the panic", err)
			}
		}
		r.gathering = nil
		if err := get(); err != nil {
			t.Error(err)
		}
	})
}
