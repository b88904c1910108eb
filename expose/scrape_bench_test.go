package expose_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"weir/expose"
	"weir/expose/format/formattest"
)

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
				text := formattest.Exposition{}.Encode(x.registry)
				if families := formattest.Parse(b, text); len(families["a_counter"].GetMetric()) != series {
					b.Fatalf("%d series rendered, want %d", len(families["a_counter"].GetMetric()), series)
				}
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				scrape(b, x, accept)
			})
		}
	}
}
