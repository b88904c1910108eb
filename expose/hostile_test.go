package expose_test

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/expose"
)

// Bytes that are no request are answered, or cut off; they are counted, and weir stays healthy.
func TestHostileRequests(t *testing.T) {
	x := serve(t, nothing, nil)
	answered := make(map[int]uint64)
	f := func(status int, request string) {
		t.Helper()
		c := x.raw(t, request)
		_ = c.CloseWrite()
		// The answer may be lost when the rest of a request meets a connection that is closed already.
		answer, _ := bufio.NewReader(c).ReadString('\n')
		want := "HTTP/1.1 " + strconv.Itoa(status) + " "
		if answer != "" && !strings.HasPrefix(answer, want) {
			t.Errorf("%.40q was answered %q, want %s", request, answer, want)
		}
		answered[status]++
	}
	_ = x.raw(t, "\r\n\r\n").CloseWrite() // empty lines before a request are none
	f(400, "GET\r\n\r\n")
	f(400, "\x00\x01\x02\r\n\r\n")
	f(400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n") // TLS
	f(400, "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n")
	f(405, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"+
		"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	f(404, "GET /metrics%00 HTTP/1.1\r\nHost: x\r\n\r\n")
	f(413, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\nabc")
	f(413, "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123456789")
	f(413, "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1")
	f(413, "GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"+strings.Repeat("x", 10_000))
	f(413, "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
	f(414, "GET /metrics?"+strings.Repeat("x", 3000)+" HTTP/1.1\r\nHost: x\r\n\r\n")
	f(431, "GET /metrics HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 100_000)+"\r\n\r\n")
	f(431, "GET /"+strings.Repeat("x", 100_000)+" HTTP/1.1\r\nHost: x\r\n\r\n")
	f(505, "GET /metrics HTTP/9.9\r\nHost: x\r\n\r\n")
	f(505, "GET /health HTTP/2.0\r\nHost: x\r\n\r\n")
	f(505, "GET /health HTTP/0.9\r\nHost: x\r\n\r\n")
	f(200, "GET /health HTTP/1.0\r\n\r\n")
	if response, _ := x.do(t, "GET", "/health"); response.StatusCode != 200 {
		t.Error("weir is not healthy any more")
	}
	answered[200]++
	stats := x.Stats()
	if diff := cmp.Diff(answered, stats.Responses); diff != "" || stats.Panics != 0 {
		t.Errorf("%d panics; -answered +counted:\n%s", stats.Panics, diff)
	}
}

// A request that comes a byte at a time, or not at all, gets no more time than a whole one.
func TestSlowRequestIsCut(t *testing.T) {
	x := prepare(t, nothing, expose.Observers{}, nil)
	x.SetReadTimeout(50 * time.Millisecond)
	x.start(t)
	for _, request := range []string{"", "GET /metrics HTTP/1.1\r\nHo"} {
		answer, err := io.ReadAll(x.raw(t, request)) // the deadline of raw is longer
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") {
			t.Errorf("%q was answered %q (%v), want 408 and the end", request, answer, err)
		}
	}
}

// Every path that is valid can be asked for.
func TestValidPathsAreReachable(t *testing.T) {
	f := func(path string, valid bool) {
		t.Helper()
		o := expose.DefaultOptions()
		o.Endpoint.Path = path
		if err := o.Validate(); (err == nil) != valid {
			t.Errorf("Validate with path %q: %v, want valid = %v", path, err, valid)
		}
		if !valid {
			return
		}
		x := serve(t, nothing, func(o *expose.Options) { o.Endpoint.Path = path })
		if response, body := x.do(t, "GET", path); response.StatusCode != http.StatusOK || body != "" {
			t.Errorf("GET %q = %d %q", path, response.StatusCode, body)
		}
	}
	f("/metrics", true)
	f("/a/b/", true)
	f("/a+b;c,d=e", true)
	f("/métriques", true)
	f(`/"<>`, true)
	f("/...", true)
	f("", false)
	f("metrics", false)
	f("/", true)
	f("/-/reload", false)
	f("/-/quit", false)
	f("/ready", false)
	f("//metrics", false)
	f("/a//b", false)
	f("/a/./b", false)
	f("/a/../b", false)
	f("/..", false)
	f("/a//", false)
	f("/a b", false)
	f("/a%20b", false)
	f("/a?b", false)
	f("/a#b", false)
	f("/a\nb", false)
	f("/a\x7f", false)
	f(`/a\b`, false)
}
