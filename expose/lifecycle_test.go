package expose_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"weir/expose"
)

func TestLifecycle(t *testing.T) {
	x := prepare(t, nothing, expose.Observers{}, func(o *expose.Options) { o.Endpoint.Lifecycle = true })
	var reloads, quits atomic.Int64
	var broken atomic.Bool
	x.SetLifecycle(expose.Lifecycle{
		Reload: func() error {
			reloads.Add(1)
			if broken.Load() {
				return errors.New("weir.yaml:1: cashe: unknown key\nweir.yaml:2: log.level: x")
			}
			return nil
		},
		Quit: func() { quits.Add(1) },
	})
	x.start(t)
	f := func(method, path string, status int, want string) {
		t.Helper()
		response, body := x.do(t, method, path)
		if response.StatusCode != status || body != want {
			t.Errorf("%s %s = %d %q, want %d %q", method, path, response.StatusCode, body, status, want)
		}
		if allow := response.Header.Get("Allow"); (status == 405) != (allow == "POST, PUT") {
			t.Errorf("%s %s: Allow %q", method, path, allow)
		}
	}
	f("GET", "/-/reload", 405, "only POST and PUT are allowed here\n")
	f("POST", "/-/reload", 200, "reloaded\n")
	f("PUT", "/-/reload", 200, "reloaded\n")
	broken.Store(true)
	f("POST", "/-/reload", 422, "weir.yaml:1: cashe: unknown key\nweir.yaml:2: log.level: x\n")
	f("GET", "/-/quit", 405, "only POST and PUT are allowed here\n")
	f("POST", "/-/quit", 200, "weir is stopping\n")
	f("PUT", "/-/quit", 200, "weir is stopping\n")
	if reloads.Load() != 3 || quits.Load() != 2 {
		t.Errorf("%d reloads, %d quits, want 3 and 2", reloads.Load(), quits.Load())
	}
}

// With authentication, who has no token can neither reload nor stop weir.
func TestLifecycleIsBehindTheGate(t *testing.T) {
	protected := protect(t)
	x := prepare(t, nothing, expose.Observers{}, func(o *expose.Options) {
		protected(o)
		o.Endpoint.Lifecycle = true
	})
	var calls atomic.Int64
	x.SetLifecycle(expose.Lifecycle{
		Reload: func() error { calls.Add(1); return nil },
		Quit:   func() { calls.Add(1) },
	})
	x.start(t)
	for _, path := range []string{"/-/reload", "/-/quit"} {
		for token, want := range map[string]int{"Basic x": 400, "Bearer bad": 401, "Bearer other": 403} {
			if response, _ := x.do(t, "POST", path, "Authorization", token); response.StatusCode != want {
				t.Errorf("POST %s with %q = %d, want %d", path, token, response.StatusCode, want)
			}
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls without a good token", n)
	}
	for token, want := range map[string]int{"good": 403, "looker": 403, "boss": 200} {
		if response, _ := x.do(t, "POST", "/-/reload", "Authorization", "Bearer "+token); response.StatusCode != want {
			t.Errorf("POST /-/reload with the token %s = %d, want %d", token, response.StatusCode, want)
		}
	}
}

func TestLifecycleIsClosedByDefault(t *testing.T) {
	x := serve(t, nothing, nil)
	for _, path := range []string{"/-/reload", "/-/quit"} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			if response, _ := x.do(t, method, path); response.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s = %d, want 404", method, path, response.StatusCode)
			}
		}
	}
}

// The exposition at "/" takes the place of the index page.
func TestExpositionAtRoot(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Endpoint.Path = "/" })
	x.record(t, "a:1|c")
	if _, body := x.do(t, "GET", "/"); body != "# HELP a StatsD counter.\n# TYPE a counter\na 1\n" {
		t.Errorf("GET / = %q", body)
	}
	if response, _ := x.do(t, "GET", "/metrics"); response.StatusCode != http.StatusNotFound {
		t.Errorf("GET /metrics = %d, want 404", response.StatusCode)
	}
	if response, _ := x.do(t, "GET", "/health"); response.StatusCode != http.StatusOK {
		t.Errorf("GET /health = %d, want 200", response.StatusCode)
	}
}

// A page of another site cannot have the browser of somebody who reaches weir reload or stop it.
func TestLifecycleRefusesOtherSites(t *testing.T) {
	x := prepare(t, nothing, expose.Observers{}, func(o *expose.Options) { o.Endpoint.Lifecycle = true })
	var calls atomic.Int64
	x.SetLifecycle(expose.Lifecycle{
		Reload: func() error { calls.Add(1); return nil },
		Quit:   func() { calls.Add(1) },
	})
	x.start(t)
	f := func(status int, header ...string) {
		t.Helper()
		for _, path := range []string{"/-/reload", "/-/quit"} {
			before, wanted := calls.Load(), int64(0)
			if status == http.StatusOK {
				wanted = 1
			}
			response, body := x.do(t, "POST", path, header...)
			if got := calls.Load() - before; response.StatusCode != status || got != wanted {
				t.Errorf("POST %s with %q = %d %q, %d calls; want %d and %d",
					path, header, response.StatusCode, body, got, status, wanted)
			}
		}
	}
	f(200)
	f(200, "Sec-Fetch-Site", "same-origin")
	f(200, "Sec-Fetch-Site", "none") // the person typed the address
	f(403, "Sec-Fetch-Site", "cross-site")
	f(403, "Sec-Fetch-Site", "same-site")
	f(403, "Sec-Fetch-Site", "cross-site", "Origin", x.url)
	f(200, "Sec-Fetch-Site", "same-origin", "Origin", "https://proxy.example") // the proxy changed the host
	f(200, "Origin", x.url)
	f(403, "Origin", "http://evil.example")
	f(403, "Origin", "http://127.0.0.1") // another port
	f(403, "Origin", "null")
	f(403, "Origin", "http://evil.example", "Content-Type", "application/x-www-form-urlencoded")
}

// A route that is off says which key opens it.
func TestRoutesThatAreOffNameTheirKey(t *testing.T) {
	x := serve(t, nothing, nil)
	for path, key := range map[string]string{
		"/-/reload": "endpoint.lifecycle", "/-/quit": "endpoint.lifecycle",
		"/debug/pprof": "endpoint.pprof", "/debug/pprof/heap": "endpoint.pprof",
	} {
		for _, method := range []string{"GET", "POST"} {
			response, body := x.do(t, method, path)
			if response.StatusCode != http.StatusNotFound || !strings.Contains(body, key+": true") {
				t.Errorf("%s %s = %d %q, want 404 and %s", method, path, response.StatusCode, body, key)
			}
		}
	}
}
