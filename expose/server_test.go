package expose_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"weir/aggregate"
	"weir/expose"
	"weir/expose/format/formattest"
	"weir/internal/poll"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's pool of goroutines notices only at its next look, every ten seconds, that it was
		// stopped,
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
	x := prepare(t, self, expose.Observers{}, change)
	x.start(t)
	return x
}

// prepare makes a server that does not listen yet.
func prepare(
	t testing.TB, self prometheus.Gatherer, observers expose.Observers, change func(*expose.Options),
) *target {
	t.Helper()
	return prepareWith(t, func(*aggregate.Options) {}, self, observers, change)
}

// prepareWith is prepare with options of the registry changed.
func prepareWith(t testing.TB, changeRegistry func(*aggregate.Options),
	self prometheus.Gatherer, observers expose.Observers, change func(*expose.Options),
) *target {
	t.Helper()
	o := expose.DefaultOptions()
	o.Endpoint.Listen = "127.0.0.1:0"
	o.Cache.Enabled = false // a scrape shows what was recorded just now
	if change != nil {
		change(&o)
	}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	r := aggregate.DefaultOptions()
	r.Limits.MaxSeriesPerMetric = 1 << 20
	changeRegistry(&r)
	registry := aggregate.New(r)
	s := expose.NewServer(o, registry, self, observers, zerolog.Nop())
	return &target{Server: s, registry: registry, shard: registry.NewShard()}
}

// start serves until the end of the test.
func (x *target) start(t testing.TB) {
	t.Helper()
	if err := x.Listen(); err != nil {
		t.Fatal(err)
	}
	x.url = "http://" + x.Addr().String()
	served := make(chan error, 1)
	go func() { served <- x.Serve() }() // ends with the Close below
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		for range 2 { // Close is safe twice
			if err := x.Close(ctx); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// record records lines like "name:value|kind|#tags".
func (x *target) record(t testing.TB, lines ...string) {
	t.Helper()
	formattest.Record(t, x.shard, lines...)
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
	return x.send(t, method, path, http.NoBody, header...)
}

// send sends a request with a body and returns the response with its body read.
func (x *target) send(
	t testing.TB, method, path string, content io.Reader, header ...string,
) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, x.url+path, content)
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

// raw opens a connection and writes a request as it is.
func (x *target) raw(t testing.TB, request string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", x.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(c, request) // it may be cut off before the end
	return c.(*net.TCPConn)
}

// wide makes the exposition larger than the socket buffers.
func (x *target) wide(t testing.TB) {
	t.Helper()
	for i := range 4000 { // of 2.7 kB
		x.record(t, fmt.Sprintf("wide:1|ms|#padding:%s,id:%d", strings.Repeat("x", 100), i))
	}
}

// closeCut closes without waiting for the one response that is stalled.
func (x *target) closeCut(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := x.Close(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "cut 1 ") {
		t.Errorf("close of a server with a stalled response: %v", err)
	}
	if s := x.Stats(); s.InFlight != 0 || s.Aborted != 1 {
		t.Errorf("after close: %+v, want nothing in flight and one aborted", s)
	}
}

// stall asks for an exposition larger than the socket buffers, and takes next to nothing of it.
func (x *target) stall(t testing.TB, header ...string) *net.TCPConn {
	t.Helper()
	x.wide(t)
	c := x.raw(t, "")
	if err := c.SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost: x\r\n"+
		strings.Join(append(header, "", ""), "\r\n")); err != nil {
		t.Fatal(err)
	}
	return c
}

// until polls for a state that sends no signal.
func (x *target) until(t testing.TB, what string, holds func(expose.Stats) bool) {
	t.Helper()
	poll.Within(t, 10*time.Second, func() error {
		if !holds(x.Stats()) {
			return fmt.Errorf("not %s: %+v", what, x.Stats())
		}
		return nil
	})
}

func TestListenInUse(t *testing.T) {
	first := serve(t, nothing, nil)
	second := prepare(t, nothing, expose.Observers{}, func(o *expose.Options) {
		o.Endpoint.Listen = first.Addr().String()
	})
	err := second.Listen()
	if err == nil {
		t.Fatal("two servers listen on one address")
	}
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), first.Addr().String()) {
		t.Errorf("error %q lacks the address, or its cause", err)
	}
	if second.Addr() != nil {
		t.Errorf("Addr() = %v before Listen", second.Addr())
	}
	if err := second.Close(t.Context()); err != nil {
		t.Errorf("close of a server that never listened: %v", err)
	}
}

func TestCloseBeforeServe(t *testing.T) {
	x := prepare(t, nothing, expose.Observers{}, nil)
	if err := x.Listen(); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(t.Context()); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := x.Serve(); err != nil {
		t.Errorf("serve after close: %v", err)
	}
}

// A response that outlasts the context of Close is cut, and nobody is served any more.
func TestCloseCutsWhatOutlastsIt(t *testing.T) {
	x := serve(t, nothing, nil)
	x.stall(t)
	x.until(t, "streaming", func(s expose.Stats) bool { return s.Responses[200] == 1 && s.InFlight == 1 })
	x.closeCut(t)
}

// A connection on which nothing was asked, such as a probe of the port, is no reason to wait or to complain.
func TestCloseDropsSilentConnections(t *testing.T) {
	x := serve(t, nothing, nil)
	x.raw(t, "")
	_, _ = x.do(t, "GET", "/health") // the connection before it was accepted, too
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := x.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}
