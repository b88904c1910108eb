package expose_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"weir/expose"
	"weir/expose/status"
	"weir/expose/status/wire"
)

// serveFront serves a page whose summary says "all is well".
func serveFront(t *testing.T, change func(*expose.Options)) *target {
	t.Helper()
	x := prepare(t, nothing, expose.Observers{}, change)
	x.SetStatus(status.New(status.Sources{
		Status: func(uint64) wire.Status { return wire.Status{Health: wire.Health{Text: "all is well"}} },
	}))
	x.start(t)
	return x
}

// isOpen reports whether the page, which must answer, says how weir is.
func (x *target) isOpen(t *testing.T, header ...string) bool {
	t.Helper()
	response, body := x.do(t, "GET", "/", header...)
	if response.StatusCode != 200 || !strings.Contains(body, `<div id="app">`) {
		t.Fatalf("GET / = %d %s", response.StatusCode, body)
	}
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") {
		t.Errorf("the policy of the page is %q", policy)
	}
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the page may be kept: %q", got)
	}
	return strings.Contains(body, "all is well")
}

// Without authentication, readers on this host see the state, others only the shell.
func TestFrontWithoutAuthentication(t *testing.T) {
	x := serveFront(t, nil)
	if !x.isOpen(t) {
		t.Error("the page says nothing on the loopback")
	}
	answer, _ := io.ReadAll(x.raw(t, "GET / HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"))
	if text := string(answer); !strings.Contains(text, " 200 ") || strings.Contains(text, "all is well") {
		t.Errorf("the page of another host is %s", text)
	}
	if response, _ := x.do(t, "POST", "/"); response.StatusCode != 405 {
		t.Errorf("POST / = %d, want 405", response.StatusCode)
	}
	if response, body := x.do(t, "HEAD", "/"); response.StatusCode != 200 || body != "" {
		t.Errorf("HEAD / = %d %q", response.StatusCode, body)
	}
}

// With authentication the page is open, as a browser has no token yet, and says nothing without one.
func TestFrontWithAuthentication(t *testing.T) {
	x := serveFront(t, protect(t))
	f := func(token string, want bool) {
		t.Helper()
		var header []string
		if token != "" {
			header = []string{"Authorization", token}
		}
		if got := x.isOpen(t, header...); got != want {
			t.Errorf("with the token %q the page tells: %t, want %t", token, got, want)
		}
	}
	f("", false)
	f("Bearer looker", true)
	for token, want := range map[string]int{"Bearer bad": 401, "Bearer good": 403} {
		if response, body := x.do(t, "GET", "/", "Authorization", token); response.StatusCode != want {
			t.Errorf("GET / with %q = %d %s, want %d", token, response.StatusCode, body, want)
		}
	}
	for _, path := range []string{"/nothing", "/api/v1/status", "/index.html"} {
		if response, body := x.do(t, "GET", path); response.StatusCode != 401 {
			t.Errorf("GET %s without a token = %d %s, want 401", path, response.StatusCode, body)
		}
	}
}

// The page can be switched off. Then "/" is an index of routes.
func TestFrontOff(t *testing.T) {
	x := serveFront(t, func(o *expose.Options) { o.Endpoint.Status = "off" })
	if response, body := x.do(t, "GET", "/"); response.StatusCode != 200 || !strings.Contains(body, `href="/metrics"`) {
		t.Errorf("GET / = %d %s", response.StatusCode, body)
	}
	x = serveFront(t, func(o *expose.Options) { o.Endpoint.Path = "/" })
	if response, body := x.do(t, "GET", "/"); response.StatusCode != 200 || strings.Contains(body, "<html") {
		t.Errorf("the exposition at / = %d %s", response.StatusCode, body)
	}
}

// Files of the page are kept for a year, because their names change with their content.
func TestFrontAssets(t *testing.T) {
	x := serveFront(t, protect(t))
	_, document := x.do(t, "GET", "/")
	for _, path := range regexp.MustCompile(`assets/[^"]+`).FindAllString(document, -1) {
		response, body := x.do(t, "GET", "/"+path, "Accept-Encoding", "identity")
		tag := response.Header.Get("ETag")
		if response.StatusCode != 200 || body == "" || tag == "" || !strings.Contains(response.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s = %d, %d bytes, %v", path, response.StatusCode, len(body), response.Header)
		}
		response, compressed := x.do(t, "GET", "/"+path, "Accept-Encoding", "gzip")
		r, err := gzip.NewReader(strings.NewReader(compressed))
		if err != nil {
			t.Fatalf("GET %s: %v, %v", path, response.Header, err)
		}
		if plain, err := io.ReadAll(r); err != nil || string(plain) != body {
			t.Errorf("GET %s is another file when compressed, error %v", path, err)
		}
		if response, body := x.do(t, "GET", "/"+path, "If-None-Match", tag); response.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("GET %s again = %d, %d bytes", path, response.StatusCode, len(body))
		}
	}
}
