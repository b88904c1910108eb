package expose_test

import (
	"compress/gzip"
	"io"
	"os/exec"
	"strings"
	"testing"

	"weir/expose"
)

func TestGzip(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Compression.MinSize = 1000 })
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
	response, _ := off.do(t, "GET", "/metrics", "Accept-Encoding", "gzip")
	if got := response.Header.Get("Content-Encoding"); got != "" {
		t.Errorf("Content-Encoding: %q though compression is off", got)
	}
}

// Several lines of one header mean the same as one line with commas.
func TestAcceptEncodingOfSeveralLines(t *testing.T) {
	x := serve(t, nothing, nil)
	x.fill(t, 100)
	f := func(want string, lines ...string) {
		t.Helper()
		accept := "Accept-Encoding: " + strings.Join(lines, "\r\nAccept-Encoding: ") + "\r\n"
		c := x.raw(t, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+accept+"\r\n")
		answer, err := io.ReadAll(c)
		got := strings.Contains(string(answer), "Content-Encoding: gzip")
		if err != nil || got != (want == "gzip") {
			t.Errorf("Accept-Encoding %q: compressed %v, want %s (%v)", lines, got, want, err)
		}
	}
	f("gzip", "br", "gzip")
	f("identity", "*", "gzip;q=0")
	f("identity", "br", "zstd")
}

// curl reads a compressed response.
func TestCurlUnpacks(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	x := serve(t, nothing, nil)
	x.fill(t, 5000)
	_, want := x.do(t, "GET", "/metrics")
	got, err := exec.Command("curl", "-sS", "--compressed", x.url+"/metrics").Output()
	if err != nil || string(got) != want {
		t.Errorf("curl gets %d bytes, want %d (%v)", len(got), len(want), err)
	}
}
