package expose_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/expose"
)

func TestRoutes(t *testing.T) {
	x := serve(t, nothing, nil)
	f := func(method, path string, status int, contains string) {
		t.Helper()
		response, body := x.do(t, method, path)
		if response.StatusCode != status || !strings.Contains(body, contains) {
			t.Errorf("%s %s = %d %q, want %d and %q",
				method, path, response.StatusCode, body, status, contains)
		}
		if method == http.MethodHead && body != "" {
			t.Errorf("HEAD %s has a body: %q", path, body)
		}
		allow := response.Header.Get("Allow")
		if (status == http.StatusMethodNotAllowed) != (allow == "GET, HEAD") {
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
	if r := stats.Responses; r[404] != 2 || r[405] != 3 || r[503] != 3 || stats.Panics != 0 {
		t.Errorf("stats = %+v", stats)
	}
}

func TestEmptyRegistryHasOnlyOwnFamilies(t *testing.T) {
	own := prometheus.NewRegistry()
	own.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "own_total", Help: "Own."}))
	x := serve(t, own, nil)
	response, body := x.do(t, "GET", "/metrics")
	want := "# HELP own_total Own.\n# TYPE own_total counter\nown_total 0\n"
	if response.StatusCode != 200 || body != want {
		t.Errorf("%d %q, want 200 %q", response.StatusCode, body, want)
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

func TestRetryAfter(t *testing.T) {
	f := func(perSecond float64, want int) {
		t.Helper()
		r := expose.RateLimiting{RequestsPerSecond: perSecond}
		if got := r.RetryAfter(); got != want {
			t.Errorf("retryAfter at %v a second = %d, want %d", perSecond, got, want)
		}
	}
	f(1e6, 1)
	f(1, 1)
	f(0.3, 4)
	f(0.001, 1000)
	f(5e-324, 24*60*60) // its inverse is +Inf
}

// A self-metric that cannot be gathered is missing; the rest of the exposition is served, and one warning is logged.
func TestGathererErrorDoesNotFailTheScrape(t *testing.T) {
	gathered := &dto.MetricFamily{
		Name: new("own"), Help: new("Own."), Type: dto.MetricType_GAUGE.Enum(),
		Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(7.0)}}},
	}
	partly := gatherer(func() ([]*dto.MetricFamily, error) {
		return []*dto.MetricFamily{gathered}, errors.New("broken")
	})
	var log bytes.Buffer
	o := expose.DefaultOptions()
	o.Endpoint.Listen = "127.0.0.1:0"
	o.Cache.Enabled = false
	registry := aggregate.New(aggregate.DefaultOptions())
	x := &target{
		Server:   expose.NewServer(o, registry, partly, expose.Observers{}, zerolog.New(&log)),
		registry: registry, shard: registry.NewShard(),
	}
	x.start(t)
	x.record(t, "a:1|c", "z:1|c")
	const want = "# HELP a StatsD counter.\n# TYPE a counter\na 1\n" +
		"# HELP z StatsD counter.\n# TYPE z counter\nz 1\n" +
		"# HELP own Own.\n# TYPE own gauge\nown 7\n"
	for range 3 {
		if response, body := x.do(t, "GET", "/metrics"); response.StatusCode != 200 || body != want {
			t.Errorf("%d %q, want 200 %q", response.StatusCode, body, want)
		}
	}
	if n := strings.Count(log.String(), "cannot be gathered"); n != 1 {
		t.Errorf("logged %d times: %s", n, log.String())
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
	x.until(t, "idle", func(s expose.Stats) bool { return s.InFlight == 0 })
}
