package expose_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"weir/expose"
	"weir/expose/format/formattest"
)

func TestScrapeHeaders(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Endpoint.Path = "/custom" })
	x.fill(t, 3)
	response, body := x.do(t, "GET", "/custom")
	want := map[string]string{
		"Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
		"Vary":         "Accept, Accept-Encoding", "Content-Encoding": "", "Server": "",
		"Content-Length": fmt.Sprint(len(body)),
	}
	for name, value := range want {
		if got := response.Header.Get(name); got != value {
			t.Errorf("GET: %s: %q, want %q", name, got, value)
		}
	}
}

// HEAD has every header that GET has, be the exposition small or large, plain or compressed.
func TestHeadEqualsGet(t *testing.T) {
	x := serve(t, nothing, nil)
	f := func(path string) {
		t.Helper()
		for _, accept := range []string{"identity", "gzip"} {
			get, _ := x.do(t, "GET", path, "Accept-Encoding", accept)
			head, body := x.do(t, "HEAD", path, "Accept-Encoding", accept)
			get.Header.Del("Date")
			head.Header.Del("Date")
			if diff := cmp.Diff(get.Header, head.Header); diff != "" || body != "" {
				t.Errorf("%s %s: body %q, -GET +HEAD:\n%s", path, accept, body, diff)
			}
			if get.StatusCode != head.StatusCode || get.ContentLength != head.ContentLength ||
				!slices.Equal(get.TransferEncoding, head.TransferEncoding) {
				t.Errorf("%s %s: GET %v, HEAD %v", path, accept, get, head)
			}
		}
	}
	f("/health")
	f("/nothing")
	f("/metrics") // empty
	for _, series := range []int{3, 100, 5000} {
		x.fill(t, series)
		f("/metrics")
	}
	x.until(t, "idle", func(s expose.Stats) bool { return s.InFlight == 0 })
}

// A large exposition is streamed; a small one has its length.
func TestLargeIsStreamed(t *testing.T) {
	x := serve(t, nothing, nil)
	x.fill(t, 100)
	for _, accept := range []string{"identity", "gzip"} {
		response, body := x.do(t, "GET", "/metrics", "Accept-Encoding", accept)
		if response.ContentLength != int64(len(body)) {
			t.Errorf("small, %s: length %d of %d", accept, response.ContentLength, len(body))
		}
	}
	x.fill(t, 5000)
	response, body := x.do(t, "GET", "/metrics")
	if lines := strings.Count(body, "\n"); response.ContentLength != -1 || lines != 5002 {
		t.Errorf("large: length %d, %d lines; want chunks of 5002 lines", response.ContentLength, lines)
	}
	formattest.Parse(t, []byte(body))
}

// Observers see every whole response to a GET: how long it took, and its size before compression.
func TestObservers(t *testing.T) {
	duration := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "duration", Buckets: []float64{10}})
	size := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "size", Buckets: []float64{10}})
	x := prepare(t, nothing, expose.Observers{Duration: duration, SizeBytes: size}, nil)
	x.start(t)
	total, scrapes := 0, uint64(0)
	for _, series := range []int{1, 100, 5000} {
		x.fill(t, series)
		for _, accept := range []string{"identity", "gzip"} {
			x.do(t, "GET", "/metrics", "Accept-Encoding", accept)
			x.do(t, "HEAD", "/metrics", "Accept-Encoding", accept)
			total += len(formattest.Exposition{}.Encode(x.registry))
			scrapes++
		}
	}
	x.until(t, "idle", func(s expose.Stats) bool { return s.InFlight == 0 })
	for _, h := range []prometheus.Histogram{duration, size} {
		var m dto.Metric
		if err := h.Write(&m); err != nil || m.Histogram.GetSampleCount() != scrapes {
			t.Errorf("%d scrapes observed, want %d (%v)", m.Histogram.GetSampleCount(), scrapes, err)
		}
		if h == size && m.Histogram.GetSampleSum() != float64(total) {
			t.Errorf("observed %v bytes, want %d", m.Histogram.GetSampleSum(), total)
		}
	}
}

// A response that breaks in the middle must not end as if it were whole: the series that it lacks would look
// gone.
func TestPanicWhileStreamingCutsTheConnection(t *testing.T) {
	poison := &dto.MetricFamily{Name: new("z"), Metric: []*dto.Metric{nil}} // rendering it panics
	broken := gatherer(func() ([]*dto.MetricFamily, error) { return []*dto.MetricFamily{poison}, nil })
	for _, cached := range []bool{false, true} {
		for _, accept := range []string{"identity", "gzip"} {
			panicWhileStreaming(t, broken, cached, accept)
		}
	}
}

func panicWhileStreaming(t *testing.T, broken gatherer, cached bool, accept string) {
	t.Helper()
	x := serve(t, broken, func(o *expose.Options) { o.Cache.Enabled = cached })
	x.fill(t, 5000)
	request, err := http.NewRequestWithContext(t.Context(), "GET", x.url+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", accept)
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		_, err = io.ReadAll(response.Body)
		_ = response.Body.Close()
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		t.Errorf("%s: reading a broken response: %v, want an unexpected end", accept, err)
	}
	if s := x.Stats(); s.Panics != 1 || s.Aborted != 1 {
		t.Errorf("%s: %+v, want one panic and one aborted", accept, s)
	}
	if response, _ := x.do(t, "GET", "/health"); response.StatusCode != 200 {
		t.Errorf("%s: after a panic: %d", accept, response.StatusCode)
	}
}

// A reader that takes nothing is cut off after the scrape timeout.
func TestStalledReaderIsCut(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Timeouts.ScrapeTimeout = 100 * time.Millisecond })
	x.stall(t)
	x.until(t, "cut", func(s expose.Stats) bool { return s.Aborted == 1 && s.InFlight == 0 })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := x.Close(ctx); err != nil { // waits for every connection: the stalled one is gone by itself
		t.Errorf("the stalled reader still holds its connection: %v", err)
	}
}

// Scrapes beside a writer, for the race detector; every one of them is valid.
func TestScrapesBesideAWriter(t *testing.T) {
	t.Run("again", func(t *testing.T) { scrapeBesideAWriter(t, expose.Cache{}) })
	t.Run("shared", func(t *testing.T) { scrapeBesideAWriter(t, expose.Cache{Enabled: true, MaxSize: 1 << 30}) })
	t.Run("partly shared", func(t *testing.T) {
		scrapeBesideAWriter(t, expose.Cache{Enabled: true, TTL: 5 * time.Millisecond, MaxSize: 100_000})
	})
}

func scrapeBesideAWriter(t *testing.T, cache expose.Cache) {
	t.Helper()
	x := serve(t, nothing, func(o *expose.Options) { o.Cache = cache })
	x.fill(t, 2000)
	stop := make(chan struct{})
	var writing, scraping sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				x.record(t,
					fmt.Sprintf("a.counter:1|c|#id:%d", i%3000), fmt.Sprintf("b:%d|ms|#id:%d", i%900, i%100))
			}
		}
	})
	for range 4 {
		scraping.Go(func() {
			for range 3 {
				_, body := x.do(t, "GET", "/metrics")
				formattest.Parse(t, []byte(body))
			}
		})
	}
	scraping.Wait()
	close(stop)
	writing.Wait()
}

func TestScrapesOfOneStateAreEqual(t *testing.T) {
	x := serve(t, nothing, nil)
	x.fill(t, 5000)
	_, first := x.do(t, "GET", "/metrics")
	_, second := x.do(t, "GET", "/metrics")
	if first != second {
		t.Error("two scrapes of one state differ")
	}
}

// asScraper are the headers of a scraper, as Prometheus and vmagent send them. A request without them is that
// of a person.
var asScraper = []string{"X-Prometheus-Scrape-Timeout-Seconds", "10.000"}

// Within the TTL responses are the same, and have a length once the exposition is whole. Those of other formats
// show the same values.
func TestScrapesShareExpositions(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) {
		o.Cache = expose.Cache{Enabled: true, TTL: time.Minute, MaxSize: 1 << 20}
	})
	x.fill(t, 5000)
	for _, accept := range []string{"identity", "gzip"} {
		header := append([]string{"Accept-Encoding", accept}, asScraper...)
		_, first := x.do(t, "GET", "/metrics", header...)
		x.record(t, "later:1|c")
		second, body := x.do(t, "GET", "/metrics", header...)
		head, _ := x.do(t, "HEAD", "/metrics", header...)
		if first != body || second.ContentLength != int64(len(body)) || head.ContentLength != second.ContentLength {
			t.Errorf("%s: %d bytes, then %d of length %d, HEAD %d",
				accept, len(first), len(body), second.ContentLength, head.ContentLength)
		}
	}
	if s := x.Stats(); s.CacheHits != 4 || s.CacheMisses != 2 || s.Collections != 1 || s.CacheBytes == 0 {
		t.Errorf("%+v, want 4 hits and 2 misses of one collection", s)
	}
}

// A person who sends a value and looks at it sees it, whatever the TTL; and so does every scraper afterwards.
func TestPersonSeesEachValue(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) {
		o.Cache = expose.Cache{Enabled: true, TTL: time.Minute, MaxSize: 1 << 20}
	})
	for i := range 4 {
		x.record(t, "hits:1|c")
		for _, header := range [][]string{nil, asScraper, append([]string{"Accept", asOpenMetrics}, asScraper...)} {
			if _, body := x.do(t, "GET", "/metrics", header...); !strings.Contains(body, fmt.Sprint("\nhits ", i+1)) {
				t.Errorf("%v after %d values: %q", header, i+1, body)
			}
		}
	}
	if n := x.Stats().Collections; n != 4 {
		t.Errorf("%d collections, want one for each request of the person", n)
	}
}
