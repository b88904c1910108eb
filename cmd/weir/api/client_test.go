package api_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/cmd/weir/api"
	"weir/expose/status/wire"
)

// serve answers every request in the same way, and keeps the last.
func serve(t *testing.T, code int, body string) (server *httptest.Server, last *http.Request) {
	t.Helper()
	last = &http.Request{}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*last = *r.Clone(context.Background())
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server, last
}

func client(t *testing.T, o api.Options) *api.Client {
	t.Helper()
	c, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGet(t *testing.T) {
	server, last := serve(t, 200, `{"status":"success","data":{"version":"1.2.3"}}`)
	c := client(t, api.Options{URL: server.URL + "/below/", TokenFile: write(t, "s3cret\n")})
	got, err := api.Get[wire.BuildInfo](t.Context(), c, "status/buildinfo", url.Values{"a": {"b c"}})
	if err != nil || got.Version != "1.2.3" {
		t.Errorf("%+v, %v", got, err)
	}
	if last.URL.String() != "/below/api/v1/status/buildinfo?a=b+c" || last.Header.Get("Authorization") != "Bearer s3cret" {
		t.Errorf("asked %s with %v", last.URL, last.Header)
	}
}

// A question with a body is sent as JSON.
func TestPost(t *testing.T) {
	server, last := serve(t, 200, `{"status":"success","data":{"lines":[{"line":"a:1|c"}]}}`)
	c := client(t, api.Options{URL: server.URL})
	got, err := api.Post[wire.Explained](t.Context(), c, "explain", wire.ExplainQuery{Line: "a:1|c"})
	if err != nil || len(got.Lines) != 1 || string(got.Lines[0]) != `{"line":"a:1|c"}` {
		t.Errorf("%s, %v", got.Lines, err)
	}
	if last.Method != "POST" || last.URL.Path != "/api/v1/explain" || last.Header.Get("Content-Type") != "application/json" || last.ContentLength != 16 {
		t.Errorf("asked %s %s with %v", last.Method, last.URL, last.Header)
	}
	if _, err := api.Post[wire.Explained](t.Context(), c, "explain", func() {}); err == nil {
		t.Error("a question that JSON cannot have is no error")
	}
}

// An error says what to do, and whether it makes sense to ask again.
func TestErrors(t *testing.T) {
	for _, x := range []struct {
		code       int
		body, want string
		isFinal    bool
	}{
		{403, `{"status":"error","errorType":"forbidden","error":"endpoint.status is loopback"}`, "endpoint.status is loopback", true},
		{401, `{"status":"error","errorType":"unauthorized","error":"credentials are needed here"}`, "--token-file", true},
		{503, `{"status":"error","errorType":"unavailable","error":"not ready"}`, "not ready", false},
		{429, `{"status":"error","errorType":"too_many_requests","error":"too many"}`, "too many", false},
		{404, "404 page not found\n", "is that a weir with an API?", false},
		{200, "<html>", "no JSON of weir's API", false},
		{403, `{"status":"error","errorType":"forbidden","error":"a\u001b[2J\u202e"}`, `a\x1b[2J\u202e`, true},
		{502, `{}`, "502 Bad Gateway: is that a weir", false},
	} {
		server, _ := serve(t, x.code, x.body)
		_, err := api.Get[wire.Status](t.Context(), client(t, api.Options{URL: server.URL}), "status", nil)
		if err == nil || !strings.Contains(err.Error(), x.want) || api.IsFinal(err) != x.isFinal {
			t.Errorf("%d: %v, final %v", x.code, err, api.IsFinal(err))
		}
	}
	server, _ := serve(t, 200, "")
	server.Close()
	_, err := api.Get[wire.Status](t.Context(), client(t, api.Options{URL: server.URL}), "status", nil)
	if err == nil || !strings.Contains(err.Error(), "is weir running there?") || api.IsFinal(err) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestMistakes(t *testing.T) {
	for want, o := range map[string]api.Options{
		"want a URL such as":    {URL: "127.0.0.1:9102"},
		"--token-file: ":        {URL: "http://a", TokenFile: "nothing"},
		"--ca: ":                {URL: "https://a", CA: "nothing"},
		"want certificates in":  {URL: "https://a", CA: write(t, "no PEM")},
		`"ftp://a": want a URL`: {URL: "ftp://a"},
	} {
		if _, err := api.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// The certificates of --ca vouch for weir's, and nobody else does.
func TestCA(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"version":"1.2.3"}}`)
	}))
	defer server.Close()
	ca := write(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	if _, err := api.Get[wire.BuildInfo](t.Context(), client(t, api.Options{URL: server.URL, CA: ca}), "status/buildinfo", nil); err != nil {
		t.Error(err)
	}
	if _, err := api.Get[wire.BuildInfo](t.Context(), client(t, api.Options{URL: server.URL}), "status/buildinfo", nil); err == nil {
		t.Error("a certificate that nobody vouches for is accepted")
	}
}

func ExampleGet() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"version":"1.2.3"}}`)
	}))
	defer server.Close()
	c, _ := api.New(api.Options{URL: server.URL})
	build, err := api.Get[wire.BuildInfo](context.Background(), c, "status/buildinfo", nil)
	fmt.Println(build.Version, err)
	// Output: 1.2.3 <nil>
}
