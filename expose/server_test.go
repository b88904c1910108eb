package expose_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"weir/aggregate"
	"weir/expose"
	"weir/protocol"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's pool of goroutines notices only at its next look, every ten seconds, that it was stopped,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// and its clock for Date headers runs as long as the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// gatherer is a prometheus.Gatherer.
type gatherer func() ([]*dto.MetricFamily, error)

// Gather implements prometheus.Gatherer.
func (g gatherer) Gather() ([]*dto.MetricFamily, error) { return g() }

var nothing = gatherer(func() ([]*dto.MetricFamily, error) { return nil, nil })

type target struct {
	*expose.Server

	registry *aggregate.Registry
	shard    *aggregate.Shard
	url      string
}

// serve starts a server on a free port of the loopback, with change applied to the options.
func serve(t testing.TB, self prometheus.Gatherer, change func(*expose.Options)) *target {
	t.Helper()
	o := expose.DefaultOptions()
	o.Endpoint.Listen = "127.0.0.1:0"
	if change != nil {
		change(&o)
	}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	limits := aggregate.DefaultOptions()
	limits.Limits.MaxSeriesPerMetric = 1 << 20
	registry := aggregate.New(limits)
	s := expose.NewServer(o, registry, self, expose.Observers{}, zerolog.Nop())
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }() // ends with the Close below
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		for range 2 { // Close is safe twice
			if err := s.Close(ctx); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &target{s, registry, registry.NewShard(), "http://" + s.Addr().String()}
}

// record records lines like "name value kind tags".
func (x *target) record(t testing.TB, lines ...string) {
	t.Helper()
	for _, line := range lines {
		var d protocol.Decoder
		d.Reset([]byte(line))
		d.Next()
		sample, err := d.Sample()
		if err != nil {
			t.Fatalf("decode %q: %v", line, err)
		}
		if reason := x.shard.Record(sample); reason != protocol.ReasonNone {
			t.Fatalf("record %q: %v", line, reason)
		}
	}
}

// fill makes so many series.
func (x *target) fill(t testing.TB, series int) {
	t.Helper()
	for i := range series {
		x.record(t, fmt.Sprintf("a.counter:%d|c|#env:production,region:eu-west-1,id:%d", i, i))
	}
}

// do sends a request without a body and returns the response with its body read.
func (x *target) do(t testing.TB, method, path string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, x.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity") // else net/http asks for gzip by itself
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return response, string(body)
}

func TestRoutes(t *testing.T) {
	x := serve(t, nothing, nil)
	f := func(method, path string, status int, contains string) {
		t.Helper()
		response, body := x.do(t, method, path)
		if response.StatusCode != status || !strings.Contains(body, contains) {
			t.Errorf("%s %s = %d %q, want %d with %q", method, path, response.StatusCode, body, status, contains)
		}
		if method == http.MethodHead && body != "" {
			t.Errorf("HEAD %s has a body: %q", path, body)
		}
		if allow := response.Header.Get("Allow"); (status == http.StatusMethodNotAllowed) != (allow == "GET, HEAD") {
			t.Errorf("%s %s: Allow %q", method, path, allow)
		}
	}
	f("GET", "/metrics", 200, "")
	f("HEAD", "/metrics", 200, "")
	f("GET", "/-/healthy", 200, "healthy")
	f("GET", "/health", 200, "healthy")
	f("HEAD", "/health", 200, "")
	f("GET", "/-/ready", 503, "starting")
	f("GET", "/ready", 503, "starting")
	x.SetReady(true)
	f("GET", "/-/ready", 200, "ready")
	f("GET", "/ready", 200, "ready")
	x.SetReady(false)
	f("GET", "/ready", 503, "")
	f("GET", "/", 200, `href="/metrics"`)
	f("GET", "/nothing", 404, "/metrics")
	f("GET", "/metrics/", 404, "")
	f("GET", "//metrics", 200, "") // fasthttp cleans paths
	f("POST", "/metrics", 405, "GET")
	f("DELETE", "/health", 405, "GET")
	f("OPTIONS", "/", 405, "GET")
	stats := x.Stats()
	if stats.Responses[404] != 2 || stats.Responses[405] != 3 || stats.Responses[503] != 3 || stats.Panics != 0 {
		t.Errorf("stats = %+v", stats)
	}
}

func TestScrapeHeaders(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Endpoint.Path = "/custom" })
	x.fill(t, 3)
	response, body := x.do(t, "GET", "/custom")
	want := map[string]string{
		"Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", "Vary": "Accept-Encoding",
		"Content-Encoding": "", "Server": "", "Content-Length": fmt.Sprint(len(body)),
	}
	head, _ := x.do(t, "HEAD", "/custom")
	for name, value := range want {
		if got := response.Header.Get(name); got != value {
			t.Errorf("GET: %s: %q, want %q", name, got, value)
		}
		if got := head.Header.Get(name); got != value {
			t.Errorf("HEAD: %s: %q, want %q", name, got, value)
		}
	}
}

func TestGzip(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Compression.MinSizeBytes = 1000 })
	f := func(accept string, compressed bool) {
		t.Helper()
		_, plain := x.do(t, "GET", "/metrics")
		response, body := x.do(t, "GET", "/metrics", "Accept-Encoding", accept)
		if got := response.Header.Get("Content-Encoding") == "gzip"; got != compressed {
			t.Fatalf("Accept-Encoding %q: compressed = %v, want %v", accept, got, compressed)
		}
		if compressed {
			z, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(z)
			if err != nil {
				t.Fatalf("Accept-Encoding %q: %v", accept, err)
			}
			body = string(text)
		}
		if body != plain {
			t.Errorf("Accept-Encoding %q: the body differs from the plain one", accept)
		}
	}
	f("gzip", false) // smaller than min_size_bytes
	for _, series := range []int{20, 5000} {
		x.fill(t, series)
		f("gzip", true)
		f("deflate, GZIP;q=0.5, br", true)
		f("x-gzip", true)
		f("*", true)
		f("*;q=0.1, identity", true)
		f("gzip;q=0, *", false)
		f("gzip; q=0.0", false)
		f("gzip;q=x", false)
		f("*;q=0", false)
		f("identity", false)
		f("br, deflate, zstd", false)
		f("", false)
	}
	off := serve(t, nothing, func(o *expose.Options) { o.Compression.Enabled = false })
	off.fill(t, 100)
	if response, _ := off.do(t, "GET", "/metrics", "Accept-Encoding", "gzip"); response.Header.Get("Content-Encoding") != "" {
		t.Error("compressed though compression is off")
	}
}

// A large exposition is streamed; a small one has its length.
func TestLargeIsStreamed(t *testing.T) {
	x := serve(t, nothing, nil)
	x.fill(t, 10)
	if response, body := x.do(t, "GET", "/metrics"); response.ContentLength != int64(len(body)) {
		t.Errorf("small: length %d of %d", response.ContentLength, len(body))
	}
	x.fill(t, 5000)
	response, body := x.do(t, "GET", "/metrics")
	if response.ContentLength != -1 || strings.Count(body, "\n") != 5002 {
		t.Errorf("large: length %d, %d lines; want chunks of 5002 lines", response.ContentLength, strings.Count(body, "\n"))
	}
	head, _ := x.do(t, "HEAD", "/metrics")
	if head.StatusCode != 200 || head.Header.Get("Content-Type") != response.Header.Get("Content-Type") {
		t.Errorf("HEAD of a large exposition: %v", head)
	}
}

func TestObservers(t *testing.T) {
	registry := aggregate.New(aggregate.DefaultOptions())
	duration := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "duration", Buckets: []float64{10}})
	size := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "size", Buckets: []float64{10}})
	o := expose.DefaultOptions()
	o.Endpoint.Listen = "127.0.0.1:0"
	s := expose.NewServer(o, registry, nothing, expose.Observers{Duration: duration, SizeBytes: size}, zerolog.Nop())
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }() // ends with the Close below
	x := &target{s, registry, registry.NewShard(), "http://" + s.Addr().String()}
	total := 0
	for _, series := range []int{1, 5000} {
		x.fill(t, series)
		_, body := x.do(t, "GET", "/metrics")
		total += len(body)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	for _, h := range []prometheus.Histogram{duration, size} {
		var m dto.Metric
		if err := h.Write(&m); err != nil || m.Histogram.GetSampleCount() != 2 {
			t.Errorf("%d scrapes observed, want 2 (%v)", m.Histogram.GetSampleCount(), err)
		}
		if h == size && m.Histogram.GetSampleSum() != float64(total) {
			t.Errorf("observed %v bytes, want %d", m.Histogram.GetSampleSum(), total)
		}
	}
}

func TestRateLimit(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) {
		o.RateLimiting = expose.RateLimiting{Enabled: true, RequestsPerSecond: 0.001, BurstSize: 2}
	})
	for i, want := range []int{200, 200, 429, 429} {
		response, _ := x.do(t, "GET", "/metrics")
		if response.StatusCode != want {
			t.Errorf("request %d: %d, want %d", i, response.StatusCode, want)
		}
		if retry := response.Header.Get("Retry-After"); (want == 429) != (retry == "1000") {
			t.Errorf("request %d: Retry-After %q", i, retry)
		}
	}
	if response, _ := x.do(t, "GET", "/health"); response.StatusCode != 200 {
		t.Error("the health route is limited too")
	}
}

// What cannot be gathered is missing; the rest of the exposition is served.
func TestGathererErrorDoesNotFailTheScrape(t *testing.T) {
	x := serve(t, gatherer(func() ([]*dto.MetricFamily, error) { return nil, errors.New("broken") }), nil)
	x.record(t, "a:1|c")
	if response, body := x.do(t, "GET", "/metrics"); response.StatusCode != 200 || !strings.Contains(body, "a 1\n") {
		t.Errorf("%d %q", response.StatusCode, body)
	}
}

func TestPanicCostsOneResponse(t *testing.T) {
	broken := true
	x := serve(t, gatherer(func() ([]*dto.MetricFamily, error) {
		if broken {
			panic("a bug")
		}
		return nil, nil
	}), nil)
	if response, _ := x.do(t, "GET", "/metrics"); response.StatusCode != 500 {
		t.Errorf("a panic gave %d, want 500", response.StatusCode)
	}
	broken = false
	if response, _ := x.do(t, "GET", "/metrics"); response.StatusCode != 200 || x.Stats().Panics != 1 {
		t.Errorf("after a panic: %d, %d panics counted", response.StatusCode, x.Stats().Panics)
	}
}

// A response that breaks in the middle must not end as if it were whole: the series that it lacks would look gone.
func TestPanicWhileStreamingCutsTheConnection(t *testing.T) {
	poison := &dto.MetricFamily{Name: new(string), Metric: []*dto.Metric{nil}} // rendering it panics
	*poison.Name = "z"
	for _, accept := range []string{"identity", "gzip"} {
		x := serve(t, gatherer(func() ([]*dto.MetricFamily, error) { return []*dto.MetricFamily{poison}, nil }), nil)
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
		if x.Stats().Panics != 1 {
			t.Errorf("%s: %d panics counted, want 1", accept, x.Stats().Panics)
		}
	}
}

// A reader that takes nothing is cut off after the scrape timeout.
func TestStalledReaderIsCut(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Timeouts.ScrapeTimeout = 100 * time.Millisecond })
	x.fill(t, 200_000) // more than the socket buffers hold
	c, err := net.Dial("tcp", x.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); x.Stats().InFlight > 0 || x.Stats().Responses[200] == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the request was not taken")
		}
		time.Sleep(time.Millisecond) // between polls, until the deadline
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := x.Close(ctx); err != nil { // waits for every connection: the stalled one must be gone by itself
		t.Errorf("the stalled reader still holds its connection: %v", err)
	}
}

func TestHostileRequests(t *testing.T) {
	x := serve(t, nothing, nil)
	for _, request := range []string{
		"\r\n\r\n", "GET\r\n\r\n", "\x00\x01\x02\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 100_000) + "\r\n\r\n",
		"GET /" + strings.Repeat("x", 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\nabc",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
	} {
		c, err := net.Dial("tcp", x.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(c, request) // it may be cut off before the end
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		answer, _ := bufio.NewReader(c).ReadString('\n')
		_ = c.Close()
		if strings.Contains(answer, " 200 ") {
			t.Errorf("%.40q was answered %q", request, answer)
		}
	}
	if response, _ := x.do(t, "GET", "/health"); response.StatusCode != 200 {
		t.Error("weir is not healthy any more")
	}
}

func TestListenError(t *testing.T) {
	first := serve(t, nothing, nil)
	o := expose.DefaultOptions()
	o.Endpoint.Listen = first.Addr().String()
	second := expose.NewServer(o, aggregate.New(aggregate.DefaultOptions()), nothing, expose.Observers{}, zerolog.Nop())
	err := second.Listen()
	if err == nil {
		t.Fatal("two servers listen on one address")
	}
	for _, want := range []string{o.Endpoint.Listen, "in use", "endpoint.listen"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if err := second.Close(t.Context()); err != nil {
		t.Errorf("close of a server that never listened: %v", err)
	}
}

// Scrapes beside a writer, for the race detector; every one of them is valid.
func TestScrapesBesideAWriter(t *testing.T) {
	x := serve(t, nothing, nil)
	x.fill(t, 2000)
	stop := make(chan struct{})
	var writing, scraping sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				x.record(t, fmt.Sprintf("a.counter:1|c|#id:%d", i%3000), fmt.Sprintf("b:%d|ms|#id:%d", i%900, i%100))
			}
		}
	})
	for range 4 {
		scraping.Go(func() {
			for range 5 {
				_, body := x.do(t, "GET", "/metrics")
				parse(t, []byte(body))
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
