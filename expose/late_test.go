package expose_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/expose"
)

func TestScraperPatience(t *testing.T) {
	f := func(header string, wantWait, wantLimit time.Duration) {
		t.Helper()
		timeouts := expose.Timeouts{ScrapeTimeout: 5 * time.Second, CollectionTimeout: 4 * time.Second}
		if wait, limit := timeouts.Within(header); wait != wantWait || limit != wantLimit {
			t.Errorf("within(%q) = %v, %v, want %v, %v", header, wait, limit, wantWait, wantLimit)
		}
	}
	const wait, limit = 4 * time.Second, 5 * time.Second
	f("", wait, limit)
	f("10", wait, limit)
	f("1.000", 900*time.Millisecond, time.Second)
	f("0.5", 450*time.Millisecond, 500*time.Millisecond)
	f("4.5", wait, 4500*time.Millisecond)
	f("1e300", wait, limit)
	f("+Inf", wait, limit)
	f("NaN", wait, limit)
	f("-1", wait, limit)
	f("0", wait, limit)
	f("soon", wait, limit)
}

// While collecting hangs, scrapes get the last exposition, and say so; before the first they fail.
func TestLateCollection(t *testing.T) {
	var hangs atomic.Bool
	release := make(chan struct{})
	slow := gatherer(func() ([]*dto.MetricFamily, error) {
		if hangs.Load() {
			<-release
		}
		return nil, nil
	})
	x := serve(t, slow, func(o *expose.Options) {
		o.Cache = expose.Cache{Enabled: true, MaxSize: 1 << 20}
		o.Timeouts.CollectionTimeout = 200 * time.Millisecond
	})
	x.fill(t, 100)
	first, body := x.do(t, "GET", "/metrics")
	if first.StatusCode != 200 || first.Header.Get("X-Prometheus-Scrape-Timeout") != "" {
		t.Errorf("in time: %v", first)
	}
	hangs.Store(true)
	x.record(t, "later:1|c")
	f := func(accept string, status int, header ...string) {
		t.Helper()
		response, got := x.do(t, "GET", "/metrics", append(header, "Accept", accept)...)
		if response.StatusCode != status || response.Header.Get("X-Prometheus-Scrape-Timeout") != "true" {
			t.Errorf("%s %v: %v", accept, header, response)
		}
		if status == http.StatusOK && got != body {
			t.Errorf("%s: not the last exposition: %q", accept, got)
		}
	}
	f("*/*", 200)
	f("*/*", 200, "X-Prometheus-Scrape-Timeout-Seconds", "0.1")
	f("application/openmetrics-text;version=1.0.0", 503)
	if s := x.Stats(); s.Late != 3 {
		t.Errorf("%d late, want 3", s.Late)
	}
	close(release)
	x.until(t, "in time again", func(expose.Stats) bool {
		response, got := x.do(t, "GET", "/metrics")
		return response.Header.Get("X-Prometheus-Scrape-Timeout") == "" && strings.Contains(got, "later 1\n")
	})
}

// A scrape of many series that is late while they are rendered gets the last exposition, whole: it is not cut
// after its first piece.
func TestLateRendering(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) {
		o.Cache = expose.Cache{Enabled: true, MaxSize: 1 << 30}
		o.Timeouts = expose.Timeouts{ScrapeTimeout: 10 * time.Minute, CollectionTimeout: 10 * time.Minute}
	})
	const series = 100_000
	x.fill(t, series)
	for _, accept := range []string{"identity", "gzip"} {
		_, before := x.do(t, "GET", "/metrics", "Accept-Encoding", accept)
		x.fill(t, series) // every value changes
		late, got := x.do(t, "GET", "/metrics",
			"Accept-Encoding", accept, "X-Prometheus-Scrape-Timeout-Seconds", "0.002")
		if late.StatusCode != 200 || late.Header.Get("X-Prometheus-Scrape-Timeout") != "true" || got != before {
			t.Errorf("%s: %v with %d bytes, want the %d bytes of the last exposition",
				accept, late, len(got), len(before))
		}
	}
	if s := x.Stats(); s.Late != 2 || s.Aborted != 0 {
		t.Errorf("%+v, want 2 late and none cut", s)
	}
}

// A scraper that says how long it waits is cut when it takes the response for longer.
func TestScraperPatienceCutsAStalledReader(t *testing.T) {
	x := serve(t, nothing, nil) // the limit of the server is longer
	x.stall(t, "X-Prometheus-Scrape-Timeout-Seconds: 0.1")
	x.until(t, "cut", func(s expose.Stats) bool { return s.Aborted == 1 && s.InFlight == 0 })
}
