package rival_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// BenchmarkScrape scrapes weir, and the exporters that programs in Go have built in, with the same counters
// of three labels. Exporters whose name has no "discard" are scraped over HTTP, by one client over one
// connection of the loopback. The others render into a writer that drops everything. They are a lower bound
// without the cost of a connection; weir cannot be scraped so. The exporters called rendered write bytes
// that were rendered before; nothing over HTTP is faster.
//
// MB is the size of a response. Counters change while the clock is stopped. Run:
//
//	make bench-scrape
func BenchmarkScrape(b *testing.B) {
	for _, series := range []int{10_000, 100_000, 1_000_000} {
		for _, s := range scraped() {
			b.Run(fmt.Sprintf("series=%d/of=%s", series, s.name), func(b *testing.B) {
				x := s.start(b, series)
				for _, encoding := range s.encodings {
					b.Run("encoding="+encoding, func(b *testing.B) { benchmarkScrape(b, x, encoding) })
				}
			})
		}
	}
}

func benchmarkScrape(b *testing.B, x exporter, encoding string) {
	b.Helper()
	size, err := x.scrape(io.Discard, encoding) // fills the caches
	if err != nil || size == 0 {
		b.Fatalf("%d bytes, %v", size, err)
	}
	for range 4 { // a series that changes again and again is known to then
		if x.change == nil {
			break
		}
		x.change()
		if _, err := x.scrape(io.Discard, encoding); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC() // of the memory that other benchmarks left
	b.ReportAllocs()
	for b.Loop() {
		if x.change != nil {
			b.StopTimer()
			x.change()
			b.StartTimer()
		}
		if size, err = x.scrape(io.Discard, encoding); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/1e6, "MB")
}

// Every exporter serves the same lines, with neighbouring series next to each other, and as many lines
// change as its name says.
func TestScrapedAlike(t *testing.T) {
	const series = 1000
	var want []string
	for i := range series {
		want = append(want, fmt.Sprintf("%s{%s} %d", scrapedName, scrapedLabels(i), scrapedValue(i)))
	}
	for _, s := range scraped() {
		for _, encoding := range s.encodings {
			t.Run(s.name+"/"+encoding, func(t *testing.T) {
				x := s.start(t, series)
				if got := scrapeLines(t, x, encoding); !slices.Equal(got, want) {
					t.Errorf("%d lines, the first %.1q, want %d, the first %.1q", len(got), got, len(want), want)
				}
				if x.change == nil {
					return
				}
				x.change()
				if got := differences(scrapeLines(t, x, encoding), want); got != series/s.changing {
					t.Errorf("%d lines changed, want one in %d", got, s.changing)
				}
			})
		}
	}
}

// scrapeLines returns the lines of an exposition that are no comments.
func scrapeLines(t *testing.T, x exporter, encoding string) []string {
	t.Helper()
	var page bytes.Buffer
	if _, err := x.scrape(&page, encoding); err != nil {
		t.Fatal(err)
	}
	text := page.Bytes()
	if encoding == "gzip" {
		r, err := gzip.NewReader(&page)
		if err != nil {
			t.Fatal(err)
		}
		if text, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return slices.DeleteFunc(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"),
		func(line string) bool { return strings.HasPrefix(line, "#") })
}

func differences(got, want []string) (n int) {
	for i := range got {
		if i >= len(want) || got[i] != want[i] {
			n++
		}
	}
	return n
}
