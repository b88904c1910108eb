package production

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"weir/cmd/weir/self"
	"weir/config"
	"weir/protocol"
)

// mustStart starts an instance that ends with the test.
func mustStart(t *testing.T, c *config.Config, change func(*config.Config)) *instance {
	t.Helper()
	x, err := start(c, change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.stop)
	return x
}

// isLoopback reports whether an address has a port of loopback.
func isLoopback(t *testing.T, address string) bool {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return net.ParseIP(host).IsLoopback() && port != "0"
}

// An instance touches nothing outside of itself, whatever the configuration says.
func TestInstanceStaysOnLoopback(t *testing.T) {
	c := config.Default()
	c.Ingest.UDP, c.Ingest.TCP = []string{":9125"}, []string{":9125", ":9126"}
	c.Ingest.Unix, c.Ingest.Unixgram = "/nowhere/stream.sock", "/nowhere/weir.sock"
	c.Ingest.Relay = []string{"udp://127.0.0.1:9"}
	c.Expose.Endpoint.Listen, c.Expose.Endpoint.WebConfigFile = ":9102", "missing.yaml"
	c.Expose.Endpoint.Lifecycle, c.Expose.Endpoint.Pprof = true, true
	c.Expose.RateLimiting.Enabled, c.State.File = true, "/nowhere/state"
	x := mustStart(t, c, nil)
	listeners := x.ingest.Listeners()
	if len(listeners) != 1 || !isLoopback(t, listeners[0].Address) {
		t.Errorf("listeners %+v, want one on loopback", listeners)
	}
	if address := x.expose.Addr().String(); !isLoopback(t, address) || x.expose.HasTLS() || x.expose.Protects() {
		t.Errorf("HTTP on %s, want plain HTTP for everybody on loopback", address)
	}
	for range 2 * c.Expose.RateLimiting.BurstSize {
		if a, err := x.get(t.Context()); err != nil || a.status != http.StatusOK {
			t.Fatalf("get = %d, %v", a.status, err)
		}
	}
	if c.Expose.Endpoint.Listen != ":9102" || len(c.Ingest.TCP) != 2 {
		t.Error("start changed the configuration that it was given")
	}
}

func TestStartFails(t *testing.T) {
	f := func(want string, change func(*config.Config)) {
		t.Helper()
		if _, err := start(config.Default(), change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("start: %v, want %q", err, want)
		}
	}
	f("log.level", func(c *config.Config) { c.Log.Level = "loud" })
	f("endpoint.listen", func(c *config.Config) { c.Expose.Endpoint.Listen = "192.0.2.1:0" })
	f("missing.yaml", func(c *config.Config) { c.Expose.Endpoint.WebConfigFile = "missing.yaml" })
	f("ingest.tcp", func(c *config.Config) { c.Ingest.TCP = []string{"192.0.2.1:0"} })
}

func TestStopEndsInstance(t *testing.T) {
	x, err := start(config.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.get(t.Context()); err != nil {
		t.Fatal(err)
	}
	address := x.ingest.Listeners()
	x.stop()
	if _, err := x.get(t.Context()); err == nil {
		t.Error("the instance still serves HTTP after stop")
	}
	var dialer net.Dialer
	if conn, err := dialer.DialContext(t.Context(), "tcp", address[0].Address); err == nil {
		_ = conn.Close()
		t.Error("the instance still reads lines after stop")
	}
}

func TestRecord(t *testing.T) {
	x := mustStart(t, config.Default(), nil)
	f := func(line string, want protocol.Reason) {
		t.Helper()
		if got := x.record(line); got != want {
			t.Errorf("record(%q) = %s, want %s", line, got, want)
		}
	}
	f("a:1|c", protocol.ReasonNone)
	f("a:1|g", protocol.ReasonTypeConflict)
	f("a:x|c", protocol.ReasonBadValue)
	f("a", protocol.ReasonMalformedLine)
	f("b:1|c\nc:1|c\n", protocol.ReasonNone)
	if got := x.registry.Stats().Series; got != 3 {
		t.Errorf("%d series, want 3", got)
	}
}

func TestFill(t *testing.T) {
	x := mustStart(t, config.Default(), large)
	if err := x.fill(); err != nil {
		t.Fatal(err)
	}
	if got := x.registry.Stats().Series; got != 10_000 {
		t.Errorf("%d series, want 10000", got)
	}
	small := mustStart(t, config.Default(), func(c *config.Config) { c.Aggregate.Limits.MaxTotalSeries = 10 })
	if err := small.fill(); err == nil {
		t.Error("fill of an instance with room for 10 series is no error")
	}
}

// The judge of expositions accepts what Prometheus reads, and nothing else.
func TestRow(t *testing.T) {
	f := func(line string, want bool) {
		t.Helper()
		if got := row.MatchString(line); got != want {
			t.Errorf("row matches %q = %v, want %v", line, got, want)
		}
	}
	f(`production_a 1`, true)
	f(`production_a{q="x"} 1`, true)
	f(`production_a{q="\"x\""} 1`, true)
	f(`production_a{q="a\\"} 1`, true)
	f(`production_a{q="a\nb} 1"} 1`, true)
	f(`production_a{q=""x""} 1`, false)
	f(`production_a{q="a\"} 1`, false)
	f(`production_a{q="\x"} 1`, false)
	f(`production_a{bad-name="x"} 1`, false)
	f(`production_a{q="a"} 1} 1`, false)
	f(`production_a{q=x} 1`, false)
}

func TestBest(t *testing.T) {
	calls := 0
	took, err := best(3, func() error {
		calls++
		return nil
	})
	if calls != 3 || err != nil || took < 0 {
		t.Errorf("best(3) called %d times: %v, %v", calls, took, err)
	}
	cause := errors.New("cause")
	if _, err := best(3, func() error { return cause }); !errors.Is(err, cause) {
		t.Errorf("best of an error: %v", err)
	}
}

// The families that the check looks for are self-metrics of weir.
func TestSelfMetricsExist(t *testing.T) {
	names, err := self.Names(config.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range selfMetrics() {
		if !slices.Contains(names, name) {
			t.Errorf("weir has no %s", name)
		}
	}
}

func TestLogBuffer(t *testing.T) {
	b := &logBuffer{}
	if _, err := b.Write([]byte("level=warn msg=loud")); err != nil {
		t.Fatal(err)
	}
	if !b.has("loud") || b.has("quiet") {
		t.Error("the buffer has what was not written, or lacks what was")
	}
}

// A line that is sent is read, and a bad one is in the log after a tick of the losses.
func TestSend(t *testing.T) {
	x := mustStart(t, config.Default(), nil)
	found, err := logErrors(t.Context(), &x.config)
	if err != nil || found.change != "" {
		t.Errorf("logErrors = %+v, %v", found, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.send(ended, "a:1|c"); err == nil {
		t.Error("send with an ended context is no error")
	}
	if _, err := x.get(ended); err == nil {
		t.Error("get with an ended context is no error")
	}
}

// Headers of get replace its own: a scraper with little time and gzip.
func TestGetHeaders(t *testing.T) {
	x := mustStart(t, config.Default(), nil)
	a, err := x.get(t.Context(), "Accept-Encoding", "gzip", "Accept", "application/openmetrics-text")
	if err != nil {
		t.Fatal(err)
	}
	if got := a.header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("Content-Encoding %q, want gzip", got)
	}
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "application/openmetrics-text") {
		t.Errorf("Content-Type %q, want OpenMetrics", got)
	}
}

// A full instance is stopped when it cannot be filled.
func TestStartFullFails(t *testing.T) {
	small := func(c *config.Config) { c.Aggregate.Limits.MaxTotalSeries = 10 }
	if _, err := startFull(config.Default(), small); err == nil {
		t.Error("startFull with room for 10 series is no error")
	}
}
