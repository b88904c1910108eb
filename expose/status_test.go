package expose_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"weir/expose"
	"weir/expose/status"
	"weir/expose/status/wire"
)

// serveStatus serves an API that explains every line in the same way.
func serveStatus(t *testing.T, change func(*expose.Options)) *target {
	t.Helper()
	x := prepare(t, nothing, expose.Observers{}, change)
	x.SetStatus(status.New(status.Sources{
		Build:   wire.BuildInfo{Version: "1.2.3"},
		Explain: func(string) (wire.Explained, error) { return wire.Explained{}, nil },
	}))
	x.start(t)
	return x
}

// post sends a body, and returns the status code and the answer.
func (x *target) post(t *testing.T, path, body string, header ...string) (status int, answer string) {
	t.Helper()
	response, answer := x.send(t, http.MethodPost, path, strings.NewReader(body), header...)
	return response.StatusCode, answer
}

func TestStatus(t *testing.T) {
	x := serveStatus(t, nil)
	response, body := x.do(t, "GET", "/api/v1/status/buildinfo")
	if response.StatusCode != 200 || !strings.Contains(body, `"version":"1.2.3"`) {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "application/json",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if response, body := x.do(t, "HEAD", "/api/v1/status/buildinfo"); response.StatusCode != 200 || body != "" {
		t.Errorf("HEAD: %d %s", response.StatusCode, body)
	}
	response, body = x.do(t, "DELETE", "/api/v1/status/buildinfo")
	if response.StatusCode != 405 || response.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("DELETE: %d %s", response.StatusCode, body)
	}
	if response, body := x.do(t, "GET", "/api/v1/nothing"); response.StatusCode != 404 || !strings.Contains(body, `"not_found"`) {
		t.Errorf("an unknown route: %d %s", response.StatusCode, body)
	}
}

// Only questions that have a body may send one.
func TestStatusBodies(t *testing.T) {
	x := serveStatus(t, nil)
	line := `{"line":"` + strings.Repeat("x", 8000) + `"}`
	if code, answer := x.post(t, "/api/v1/explain", line); code != 200 {
		t.Errorf("a body of 8 KB: %d %s", code, answer)
	}
	if code, answer := x.post(t, "/api/v1/explain", strings.Repeat("x", 100<<10)); code != 413 {
		t.Errorf("a body of 100 KiB: %d %s", code, answer)
	}
	for _, path := range []string{"/api/v1/status", "/metrics", "/-/quit", "/api/v1/series/delete"} {
		if code, answer := x.post(t, path, line); code != 413 {
			t.Errorf("a body to %s: %d %s", path, code, answer)
		}
	}
}

// A page of another site gets no answer: neither by a name of its own that leads here, nor by a form.
func TestStatusRefusesOtherSites(t *testing.T) {
	x := serveStatus(t, nil)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, x.url+"/api/v1/status/buildinfo", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "evil.example"
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 403 {
		t.Errorf("a name that leads here: %d", response.StatusCode)
	}
	const question = `{"line":"a:1|c"}`
	if code, answer := x.post(t, "/api/v1/explain", question, "Origin", "http://evil.example"); code != 403 {
		t.Errorf("a form of another site: %d %s", code, answer)
	}
	if code, answer := x.post(t, "/api/v1/explain", question, "Sec-Fetch-Site", "same-origin"); code != 200 {
		t.Errorf("the page itself: %d %s", code, answer)
	}
}

func TestStatusOff(t *testing.T) {
	x := serveStatus(t, func(o *expose.Options) { o.Endpoint.Status = "off" })
	response, body := x.do(t, "GET", "/api/v1/status/buildinfo")
	if response.StatusCode != 403 || !strings.Contains(body, "endpoint.status") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	if access := x.StatusAccess(); access != "off" {
		t.Error(access)
	}
}

// With authentication the credentials decide: no answer without them, and with them any Host will do.
func TestStatusIsBehindTheGate(t *testing.T) {
	x := serveStatus(t, protect(t))
	if response, body := x.do(t, "GET", "/api/v1/status/buildinfo"); response.StatusCode != 401 {
		t.Errorf("without a token: %d %s", response.StatusCode, body)
	}
	response, body := x.do(t, "GET", "/api/v1/status/buildinfo", "Authorization", "Bearer looker")
	if response.StatusCode != 200 {
		t.Errorf("with a token: %d %s", response.StatusCode, body)
	}
	response, body = x.do(t, "GET", "/api/v1/status/buildinfo", "Authorization", "Bearer good")
	if response.StatusCode != 403 || !strings.Contains(body, `"errorType":"forbidden"`) {
		t.Errorf("with a token for the metrics: %d %s", response.StatusCode, body)
	}
	if access := x.StatusAccess(); access != "credentials" {
		t.Error(access)
	}
}

// The API has a rate of its own: an open page costs no scrape its place.
func TestStatusRate(t *testing.T) {
	x := serveStatus(t, func(o *expose.Options) {
		o.RateLimiting = expose.RateLimiting{Enabled: true, RequestsPerSecond: 0.001, BurstSize: 1}
	})
	limited := 0
	for range 1000 {
		response, _ := x.do(t, "GET", "/api/v1/status/buildinfo")
		if response.StatusCode == 429 && response.Header.Get("Retry-After") == "1" {
			limited++
			break
		}
	}
	if limited == 0 {
		t.Error("a thousand requests in a row were all answered")
	}
	if response, body := x.do(t, "GET", "/metrics"); response.StatusCode != 200 {
		t.Errorf("the first scrape: %d %s", response.StatusCode, body)
	}
}

// A proxy on this host is no reason to answer its clients.
func TestStatusBehindProxy(t *testing.T) {
	f := func(access string, want int, header ...string) {
		t.Helper()
		x := serveStatus(t, func(o *expose.Options) { o.Endpoint.Status = access })
		response, body := x.do(t, "GET", "/api/v1/status/buildinfo", header...)
		if response.StatusCode != want || want == 403 && !strings.Contains(body, "endpoint.status: all") {
			t.Errorf("%s, %v: %d %s", access, header, response.StatusCode, body)
		}
	}
	f("loopback", 200)
	f("loopback", 403, "X-Forwarded-For", "198.51.100.7")
	f("loopback", 403, "forwarded", "for=198.51.100.7")
	f("loopback", 403, "X-Real-IP", "198.51.100.7")
	f("loopback", 403, "Via", "1.1 proxy")
	f("all", 200, "X-Forwarded-For", "198.51.100.7")
}

// A client at the IPv6 loopback is on this host, too.
func TestStatusOverIPv6(t *testing.T) {
	c, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("there is no IPv6 here")
	}
	_ = c.Close()
	x := serveStatus(t, func(o *expose.Options) { o.Endpoint.Listen = "[::1]:0" })
	if response, body := x.do(t, "GET", "/api/v1/status/buildinfo"); response.StatusCode != 200 {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}
