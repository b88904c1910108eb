package expose_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"weir/aggregate"
	"weir/expose"
	"weir/protocol"
)

var benchFormats = []struct {
	name   string
	format expose.Format
}{
	{"text", expose.FormatText}, {"openmetrics", expose.FormatOpen}, {"protobuf", expose.FormatProtobuf},
}

// BenchmarkScrape renders counters anew, without HTTP. A byte is one before compression. Run:
//
//	go test -run='^$' -bench=BenchmarkScrape/ -count=10 ./expose
func BenchmarkScrape(b *testing.B) {
	for _, f := range benchFormats {
		for _, series := range []int{10_000, 100_000} {
			for _, encoding := range []string{"identity", "gzip"} {
				b.Run(fmt.Sprintf("format=%s/series=%d/encoding=%s", f.name, series, encoding), func(b *testing.B) {
					registry, _ := benchRegistry(series)
					renderer := expose.NewRenderer()
					renderer.Format, renderer.Gzip = f.format, encoding == "gzip"
					b.SetBytes(int64(renderer.RenderTo(io.Discard, registry)))
					b.ReportAllocs()
					for b.Loop() {
						renderer.RenderTo(io.Discard, registry)
					}
				})
			}
		}
	}
}

// BenchmarkPages renders a hundred thousand counters, of which the same share changes each time:
// neighbours, or spread over the family. Run:
//
//	go test -run='^$' -bench=BenchmarkPages -count=10 ./expose
func BenchmarkPages(b *testing.B) {
	const series = 100_000
	for _, encoding := range []string{"identity", "gzip"} {
		for _, changes := range []struct {
			name        string
			count, step int
		}{
			{"none", 0, 1}, {"1%-neighbours", series / 100, 97}, {"1%-spread", series / 100, 1}, {"all", series, 1},
		} {
			b.Run(fmt.Sprintf("encoding=%s/changed=%s", encoding, changes.name), func(b *testing.B) {
				registry, change := benchRegistry(series)
				renderer := expose.NewRenderer()
				renderer.Gzip = encoding == "gzip"
				renderer.Options.Cache = expose.Cache{Enabled: true, MaxSize: 1 << 30}
				b.SetBytes(int64(renderer.RenderTo(io.Discard, registry)))
				b.ReportAllocs()
				some := func() {
					for i := range changes.count {
						change(i * changes.step)
					}
				}
				for range 4 { // until those that change have pages of their own
					some()
					renderer.RenderTo(io.Discard, registry)
				}
				for b.Loop() {
					b.StopTimer()
					some()
					b.StartTimer()
					renderer.RenderTo(io.Discard, registry)
				}
			})
		}
	}
}

// BenchmarkCacheHit serves a rendition that is there. Run:
//
//	go test -run='^$' -bench=BenchmarkCacheHit -count=10 ./expose
func BenchmarkCacheHit(b *testing.B) {
	registry, _ := benchRegistry(100_000)
	renderer := expose.NewRenderer()
	renderer.Gzip = true
	renderer.Options.Cache = expose.Cache{Enabled: true, TTL: 1 << 40, MaxSize: 1 << 30}
	b.SetBytes(int64(renderer.RenderTo(io.Discard, registry)))
	b.ReportAllocs()
	for b.Loop() {
		renderer.RenderTo(io.Discard, registry)
	}
}

// benchRegistry has so many counters of one family; change adds to one of them.
func benchRegistry(series int) (registry *aggregate.Registry, change func(i int)) {
	options := aggregate.DefaultOptions()
	options.Limits.MaxSeriesPerMetric = series
	registry = aggregate.New(options)
	shard := registry.NewShard()
	samples := make([]protocol.Sample, series)
	for i := range samples {
		samples[i] = protocol.Sample{
			Name: []byte("http.requests"), Value: float64(i%1000 + 1), Rate: 1,
			Tags: fmt.Appendf(nil, "env:production,region:eu-west-1,host:web-%d,route:/api/v1/%d,status:200", i%97, i),
		}
		shard.Record(&samples[i])
	}
	return registry, func(i int) { shard.Record(&samples[i]) }
}

// BenchmarkScrapeHTTP is the same over a socket of the loopback, with the client's half. Run:
//
//	go test -run='^$' -bench=BenchmarkScrapeHTTP -count=10 ./expose
func BenchmarkScrapeHTTP(b *testing.B) {
	eachSize(b, func(b *testing.B, x *target, accept string) {
		b.Helper()
		x.start(b)
		request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, x.url+"/metrics", http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", accept)
		for b.Loop() {
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				b.Fatal(err)
			}
			_ = response.Body.Close()
		}
	})
}

// eachSize benchmarks registries of several sizes, plain and compressed. A byte is one of plain text.
func eachSize(b *testing.B, scrape func(b *testing.B, x *target, accept string)) {
	b.Helper()
	for _, series := range []int{1_000, 10_000, 100_000} {
		for _, accept := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("series=%d/encoding=%s", series, accept), func(b *testing.B) {
				x := prepare(b, nothing, expose.Observers{}, nil)
				x.fill(b, series)
				text := expose.Render(x.registry)
				if families := parse(b, text); len(families["a_counter"].GetMetric()) != series {
					b.Fatalf("%d series rendered, want %d", len(families["a_counter"].GetMetric()), series)
				}
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				scrape(b, x, accept)
			})
		}
	}
}
