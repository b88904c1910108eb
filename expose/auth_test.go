package expose_test

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/expose"
)

func write(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeTokens writes a tokens file: each token has its name for a secret, and these scopes.
func writeTokens(t testing.TB, path string, scopesByName map[string]string) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("tokens:\n")
	for name, scopes := range scopesByName {
		fmt.Fprintf(&text, "- {name: %s, sha256: %x, scopes: [%s]}\n", name, sha256.Sum256([]byte(name)), scopes)
	}
	return write(t, path, text.String())
}

// protect switches authentication on, with the tokens good, which may read the metrics, looker, boss and other.
func protect(t testing.TB) func(*expose.Options) {
	t.Helper()
	file := writeTokens(t, filepath.Join(t.TempDir(), "tokens.yaml"), map[string]string{
		"good": "'metrics:read'", "other": "'other:read'", "looker": "'status:read'", "boss": "admin",
	})
	return func(o *expose.Options) { o.Authentication.Enabled, o.Authentication.TokensFile = true, file }
}

// Every path but the health routes is behind the gate, also one that is not there.
func TestGate(t *testing.T) {
	x := serve(t, nothing, protect(t))
	x.SetReady(true)
	f := func(method, path, token string, status int, challenge string) {
		t.Helper()
		var header []string
		if token != "" {
			header = []string{"Authorization", token}
		}
		response, body := x.do(t, method, path, header...)
		got := response.Header.Get("WWW-Authenticate")
		if response.StatusCode != status || !strings.HasPrefix(got, challenge) || (challenge == "") != (got == "") {
			t.Errorf("%s %s with %q = %d %q, want %d %q", method, path, token, response.StatusCode, got, status, challenge)
		}
		text := strings.ReplaceAll(body, "the scope metrics:read", "")
		if status >= 400 && status != 404 && status != 405 && (!response.Close || strings.Contains(text, "metrics")) {
			t.Errorf("%s %s with %q: the connection stays open, or the body tells: %q", method, path, token, body)
		}
	}
	for _, path := range []string{
		"/metrics", "/nothing", "/-/reload", "/debug/pprof/", "/api/v1/series", "/healthy", "/health/", "/metrics/", "//metrics",
		"/-/healthy/../../metrics", "/%6detrics", "/health%2f..%2fmetrics", "/HEALTH",
	} {
		f("GET", path, "", 401, `Bearer realm="weir", scope="`)
		f("POST", path, "", 401, `Bearer realm="weir", scope="`)
	}
	for _, path := range []string{"/health", "/ready", "/-/healthy", "/-/ready"} {
		f("GET", path, "", 200, "")
		f("GET", path, "Bearer bad", 200, "")
	}
	f("GET", "/metrics", "Bearer good", 200, "")
	f("HEAD", "/metrics", "Bearer good", 200, "")
	f("GET", "/", "Bearer looker", 200, "")
	f("GET", "/", "Bearer good", 403, `Bearer realm="weir", error="insufficient_scope"`)
	f("GET", "/nothing", "Bearer good", 404, "")
	f("POST", "/metrics", "Bearer good", 405, "")
	f("GET", "/metrics", "Bearer bad", 401, `Bearer realm="weir", error="invalid_token"`)
	f("GET", "/metrics", "Basic Z29vZDpnb29k", 401, `Bearer realm="weir", scope`)
	f("GET", "/metrics", "Bearer other", 403, `Bearer realm="weir", error="insufficient_scope"`)
	f("GET", "/metrics", "Bearer a b", 400, `Bearer realm="weir", error="invalid_request"`)
	f("GET", "/metrics?access_token=good", "", 401, `Bearer realm`)

	answer, _ := bufio.NewReader(x.raw(t, "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n"+
		"Authorization: Bearer good\r\n\r\n")).ReadString('\n')
	if !strings.Contains(answer, " 400 ") {
		t.Errorf("two Authorization headers were answered %q", answer)
	}
	failures := x.Stats().Guard.Failures
	if failures["missing"] != 27 || failures["unknown"] != 1 || failures["scope"] != 2 || failures["malformed"] != 2 {
		t.Errorf("counted %v", failures)
	}
}

// Health routes can be behind the gate, too.
func TestGateBeforeHealth(t *testing.T) {
	change := protect(t)
	x := serve(t, nothing, func(o *expose.Options) {
		change(o)
		o.Authentication.AllowHealthUnauthenticated = false
	})
	if response, _ := x.do(t, "GET", "/health"); response.StatusCode != 401 {
		t.Errorf("GET /health = %d, want 401", response.StatusCode)
	}
	if response, _ := x.do(t, "GET", "/health", "Authorization", "Bearer good"); response.StatusCode != 200 {
		t.Errorf("GET /health with a token = %d, want 200", response.StatusCode)
	}
}

// Requests that are not admitted do not count for the rate limit of scrapes; nor do other routes.
func TestStrangersAreNoScrapers(t *testing.T) {
	change := protect(t)
	x := serve(t, nothing, func(o *expose.Options) {
		change(o)
		o.RateLimiting = expose.RateLimiting{Enabled: true, RequestsPerSecond: 0.001, BurstSize: 1}
	})
	for range 5 {
		_, _ = x.do(t, "GET", "/metrics")
		_, _ = x.do(t, "GET", "/metrics", "Authorization", "Bearer bad")
		_, _ = x.do(t, "GET", "/health")
		_, _ = x.do(t, "GET", "/nothing", "Authorization", "Bearer good")
	}
	for _, want := range []int{200, 429} {
		if response, _ := x.do(t, "GET", "/metrics", "Authorization", "Bearer good"); response.StatusCode != want {
			t.Errorf("GET /metrics = %d, want %d", response.StatusCode, want)
		}
	}
}

// A file that is no good keeps the server from starting, and says everything that is wrong.
func TestListenReadsFiles(t *testing.T) {
	dir := t.TempDir()
	tokens := write(t, filepath.Join(dir, "tokens.yaml"), "tokens:\n- {name: a}\n")
	web := write(t, filepath.Join(dir, "web.yaml"), "tls: {}\n")
	change := func(o *expose.Options) {
		o.Authentication.Enabled, o.Authentication.TokensFile, o.Endpoint.WebConfigFile = true, tokens, web
	}
	x := prepare(t, nothing, expose.Observers{}, change)
	err := x.Listen()
	if err == nil || !strings.Contains(err.Error(), tokens+":2: ") || !strings.Contains(err.Error(), web+":1: ") || x.Addr() != nil {
		t.Errorf("Listen with bad files: %v, address %v", err, x.Addr())
	}
	o := expose.DefaultOptions()
	change(&o)
	if _, checked := o.CheckFiles(); checked == nil || checked.Error() != err.Error() {
		t.Errorf("CheckFiles() = %v, want %v", checked, err)
	}
}

// Paths that would shadow weir's own routes are refused.
func TestReservedPaths(t *testing.T) {
	for _, path := range []string{"/-/reload", "/-/x", "/api", "/api/v1/x", "/debug/pprof", "/-", "/health", "/ready"} {
		o := expose.DefaultOptions()
		o.Endpoint.Path = path
		if err := o.Validate(); err == nil || !strings.HasPrefix(err.Error(), "endpoint.path: ") {
			t.Errorf("path %s: %v, want a mistake", path, err)
		}
	}
	o := expose.DefaultOptions()
	o.Endpoint.Path = "/apix"
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
}
