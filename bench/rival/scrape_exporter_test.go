package rival_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/expose"
	"weir/protocol"
)

// exporter serves counters.
type exporter struct {
	// scrape writes an exposition to w as it comes over the wire, and returns its size.
	scrape func(w io.Writer, encoding string) (size int64, err error)
	change func() // adds to some of the counters; nil when none changes
}

// scrapedExporter is an exporter that is compared.
type scrapedExporter struct {
	name      string
	encodings []string
	start     func(tb testing.TB, series int) exporter
	changing  int // one in so many counters changes between scrapes; 0 when none does
}

func scraped() []scrapedExporter {
	both, plain := []string{"identity", "gzip"}, []string{"identity"}
	return []scrapedExporter{
		{"rendered", both, overHTTP(rendered), 0},
		{"promhttp", both, overHTTP(clientGolang), 0},
		{"promhttp-discard", both, discarding(clientGolang), 0},
		{"victoria", plain, overHTTP(victoria), 0},
		{"victoria-discard", plain, discarding(victoria), 0},
		{"weir", both, weirAnew, 0},
		{"weir-unchanged", both, weirKeeping(0, 0), 0},
		{"weir-1%-neighbours", both, weirKeeping(100, 1), 100},
		{"weir-1%-spread", both, weirKeeping(100, 100), 100},
	}
}

const scrapedName = "http_requests_total"

// scrapedLabels returns the labels of the i-th counter. They are in order as i is.
func scrapedLabels(i int) string {
	customer, region, status := scrapedValues(i)
	return fmt.Sprintf(`customer=%q,region=%q,status=%q`, customer, region, status)
}

func scrapedValues(i int) (customer, region, status string) {
	return fmt.Sprintf("customer-%07d", i), [...]string{"eu-west-1", "us-east-1", "ap-south-1"}[i%3],
		[...]string{"200", "302", "404", "500"}[i%4]
}

// scrapedValue returns the value of the i-th counter.
func scrapedValue(i int) int { return i%1000 + 1 }

// weirAnew starts weir's server, which keeps nothing from one scrape to the next.
func weirAnew(tb testing.TB, series int) exporter {
	tb.Helper()
	x, _ := startWeirServer(tb, series, expose.Cache{})
	return x
}

// weirKeeping starts weir's server, which keeps pages. A change adds to one in so many counters, each step
// behind the last.
func weirKeeping(changing, step int) func(testing.TB, int) exporter {
	return func(tb testing.TB, series int) exporter {
		tb.Helper()
		x, add := startWeirServer(tb, series, expose.Cache{Enabled: true, MaxSize: 1 << 30})
		if changing == 0 {
			return x
		}
		x.change = func() {
			for i := range series / changing {
				add(i * step)
			}
		}
		return x
	}
}

func startWeirServer(tb testing.TB, series int, cache expose.Cache) (x exporter, add func(i int)) {
	tb.Helper()
	registry, add := weirCounters(series)
	o := expose.DefaultOptions()
	o.Endpoint.Listen, o.Cache = "127.0.0.1:0", cache
	o.Timeouts = expose.Timeouts{ScrapeTimeout: time.Minute, CollectionTimeout: time.Minute}
	server := expose.NewServer(o, registry, prometheus.NewRegistry(), expose.Observers{}, zerolog.Nop())
	if err := server.Listen(); err != nil {
		tb.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }() // ends with the server; the cleanup waits for it
	tb.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			tb.Error(err)
		}
		if err := <-served; err != nil {
			tb.Error(err)
		}
	})
	server.SetReady(true)
	return ask(tb, "http://"+server.Addr().String()+"/metrics"), add
}

// weirCounters returns a registry with the counters; add adds one to the i-th.
func weirCounters(series int) (registry *aggregate.Registry, add func(i int)) {
	options := aggregate.DefaultOptions()
	options.Limits.MaxSeriesPerMetric = series
	registry = aggregate.New(options)
	shard := registry.NewShard()
	record := func(i, value int) {
		customer, region, status := scrapedValues(i)
		shard.Record(&protocol.Sample{
			Name: []byte(scrapedName), Value: float64(value), Rate: 1,
			Tags: fmt.Appendf(nil, "customer:%s,region:%s,status:%s", customer, region, status),
		})
	}
	for i := range series {
		record(i, scrapedValue(i))
	}
	return registry, func(i int) { record(i, 1) }
}

// clientGolang returns the handler of Prometheus's client library.
func clientGolang(series int) http.Handler {
	counters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: scrapedName, Help: "Requests."},
		[]string{"customer", "region", "status"})
	for i := range series {
		counters.WithLabelValues(scrapedValues(i)).Add(float64(scrapedValue(i)))
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(counters)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// victoria returns a handler of VictoriaMetrics's client library, which does not compress.
func victoria(series int) http.Handler {
	set := metrics.NewSet()
	for i := range series {
		set.NewCounter(scrapedName + "{" + scrapedLabels(i) + "}").Set(uint64(scrapedValue(i)))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { set.WritePrometheus(w) })
}

// rendered returns a handler that only writes bytes, which Prometheus's client library rendered once.
func rendered(series int) http.Handler {
	pages := make(map[string][]byte)
	source := discard(clientGolang(series))
	for _, encoding := range []string{"identity", "gzip"} {
		var page bytes.Buffer
		if _, err := source.scrape(&page, encoding); err != nil {
			panic("BUG: a buffer refuses bytes: " + err.Error())
		}
		pages[encoding] = page.Bytes()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(pages[r.Header.Get("Accept-Encoding")]) // the client sees what is missing
	})
}

// overHTTP serves a handler over the loopback.
func overHTTP(handler func(series int) http.Handler) func(testing.TB, int) exporter {
	return func(tb testing.TB, series int) exporter {
		tb.Helper()
		server := httptest.NewServer(handler(series))
		tb.Cleanup(server.Close)
		return ask(tb, server.URL)
	}
}

// discarding asks a handler without HTTP.
func discarding(handler func(series int) http.Handler) func(testing.TB, int) exporter {
	return func(_ testing.TB, series int) exporter { return discard(handler(series)) }
}

// ask returns an exporter that is asked over HTTP, over one connection.
func ask(tb testing.TB, url string) exporter {
	tb.Helper()
	transport := &http.Transport{DisableCompression: true, ReadBufferSize: 64 << 10}
	tb.Cleanup(transport.CloseIdleConnections)
	return exporter{scrape: func(w io.Writer, encoding string) (int64, error) {
		response, err := transport.RoundTrip(scrapeRequest(url, encoding))
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("status %s", response.Status)
		}
		return io.Copy(w, response.Body)
	}}
}

// discard returns an exporter that is asked without HTTP.
func discard(handler http.Handler) exporter {
	return exporter{scrape: func(w io.Writer, encoding string) (int64, error) {
		to := &writer{to: w, header: make(http.Header)}
		handler.ServeHTTP(to, scrapeRequest("http://localhost/metrics", encoding))
		return to.size, to.err
	}}
}

func scrapeRequest(url, encoding string) *http.Request {
	request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	if err != nil {
		panic("BUG: a bad request: " + err.Error())
	}
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	request.Header.Set("Accept-Encoding", encoding)
	return request
}

// writer is an http.ResponseWriter without a connection.
type writer struct {
	to     io.Writer
	header http.Header
	size   int64
	err    error
}

// Header implements http.ResponseWriter.
func (w *writer) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *writer) WriteHeader(status int) {
	if status != http.StatusOK {
		w.err = fmt.Errorf("status %d", status)
	}
}

// Write implements http.ResponseWriter.
func (w *writer) Write(text []byte) (int, error) {
	n, err := w.to.Write(text)
	w.size += int64(n)
	return n, err
}
