package expose_test

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"weir/expose"
	"weir/expose/guard/guardtest"
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

// protect switches authentication on, with the tokens good and other.
func protect(t testing.TB) func(*expose.Options) {
	t.Helper()
	file := writeTokens(t, filepath.Join(t.TempDir(), "tokens.yaml"), map[string]string{
		"good": "'metrics:read'", "other": "'other:read'",
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
		if status >= 400 && status != 404 && status != 405 && (!response.Close || strings.Contains(body, "metrics")) {
			t.Errorf("%s %s with %q: the connection stays open, or the body tells: %q", method, path, token, body)
		}
	}
	for _, path := range []string{
		"/metrics", "/", "/nothing", "/-/reload", "/debug/pprof/", "/api/v1/series", "/healthy", "/health/", "/metrics/", "//metrics",
		"/-/healthy/../../metrics", "/%6detrics", "/health%2f..%2fmetrics", "/HEALTH",
	} {
		f("GET", path, "", 401, `Bearer realm="weir", scope="metrics:read"`)
		f("POST", path, "", 401, `Bearer realm="weir", scope="metrics:read"`)
	}
	for _, path := range []string{"/health", "/ready", "/-/healthy", "/-/ready"} {
		f("GET", path, "", 200, "")
		f("GET", path, "Bearer bad", 200, "")
	}
	f("GET", "/metrics", "Bearer good", 200, "")
	f("HEAD", "/metrics", "Bearer good", 200, "")
	f("GET", "/", "Bearer good", 200, "")
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
	if failures["missing"] != 29 || failures["unknown"] != 1 || failures["scope"] != 1 || failures["malformed"] != 2 {
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

// Those who are not let in do not use up what scrapers may ask; nor do other routes.
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
	if checked := o.CheckFiles(); checked == nil || checked.Error() != err.Error() {
		t.Errorf("CheckFiles() = %v, want %v", checked, err)
	}
}

// secure writes a web configuration with TLS and a user, and the files that it names.
func secure(t testing.TB, ca *guardtest.Authority, more string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	certificate, key := ca.Issue(t, "127.0.0.1")
	write(t, filepath.Join(dir, "server.crt"), string(certificate))
	write(t, filepath.Join(dir, "server.key"), string(key))
	write(t, filepath.Join(dir, "ca.crt"), string(ca.PEM()))
	hash, err := bcrypt.GenerateFromPassword([]byte("pass"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "web.yaml"), "tls_server_config: {cert_file: server.crt, key_file: server.key"+more+"}\n"+
		"basic_auth_users: {alice: "+string(hash)+"}\n"+
		"http_server_config: {headers: {X-Content-Type-Options: nosniff, Strict-Transport-Security: max-age=1}}\n")
	return dir
}

// client returns a client that trusts the authority.
func client(t testing.TB, ca *guardtest.Authority, certificates ...tls.Certificate) *http.Client {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: ca.Pool(), Certificates: certificates},
		ForceAttemptHTTP2: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// ask returns the response to a request of alice; its body is read.
func ask(c *http.Client, url, password string) (*http.Response, error) {
	request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth("alice", password)
	response, err := c.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response, err
}

func TestHTTPS(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	dir := secure(t, ca, "")
	change := protect(t)
	x := serve(t, nothing, func(o *expose.Options) {
		change(o)
		o.Endpoint.WebConfigFile = filepath.Join(dir, "web.yaml")
	})
	x.fill(t, 5000)
	url := "https://" + x.Addr().String()
	c := client(t, ca)
	f := func(path, password string, status, challenges int) {
		t.Helper()
		response, err := ask(c, url+path, password)
		if err != nil {
			t.Fatal(err)
		}
		h := response.Header
		if response.StatusCode != status || len(h.Values("WWW-Authenticate")) != challenges || response.ProtoMajor != 1 {
			t.Errorf("GET %s: %s %s %q, want %d with %d challenges", path, response.Proto, response.Status, h, status, challenges)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Strict-Transport-Security") != "max-age=1" {
			t.Errorf("GET %s: headers %q", path, h)
		}
	}
	f("/metrics", "pass", 200, 0)
	f("/metrics", "pass", 200, 0)
	f("/health", "", 200, 0)
	f("/nothing", "pass", 404, 0)
	f("/metrics", "wrong", 401, 2)
	f("/metrics", "", 401, 2)
	// What is no request has the headers, too.
	over, err := tls.Dial("tcp", x.Addr().String(), &tls.Config{RootCAs: ca.Pool()})
	if err != nil {
		t.Fatal(err)
	}
	defer over.Close()
	_, _ = io.WriteString(over, "GET\r\n\r\n")
	if answer, _ := io.ReadAll(over); !strings.Contains(string(answer), "X-Content-Type-Options: nosniff\r\n") {
		t.Errorf("answered %q", answer)
	}
	// Plain HTTP is told that this is HTTPS; it is no response of weir's.
	before := x.Stats().Responses[400]
	answer, _ := io.ReadAll(x.raw(t, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"))
	if stats := x.Stats(); !strings.Contains(string(answer), "HTTPS") || stats.Guard.HandshakeFailures != 1 || stats.Responses[400] != before {
		t.Errorf("plain HTTP was answered %q: %+v", answer, stats)
	}
}

func TestClientCertificateRequired(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	dir := secure(t, ca, ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt")
	x := serve(t, nothing, func(o *expose.Options) { o.Endpoint.WebConfigFile = filepath.Join(dir, "web.yaml") })
	url := "https://" + x.Addr().String() + "/metrics"
	if _, err := ask(client(t, ca), url, "pass"); err == nil {
		t.Error("a client without a certificate was let in")
	}
	pair, err := tls.X509KeyPair(ca.Issue(t, "scraper"))
	if err != nil {
		t.Fatal(err)
	}
	if response, err := ask(client(t, ca, pair), url, "pass"); err != nil || response.StatusCode != 200 {
		t.Errorf("a client with a certificate: %v", err)
	}
	x.until(t, "counted", func(s expose.Stats) bool { return s.Guard.HandshakeFailures == 1 })
}

// A reload swaps certificate, tokens and users under a server that goes on serving.
func TestReload(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	dir := secure(t, ca, "")
	tokens := filepath.Join(dir, "tokens.yaml")
	writeTokens(t, tokens, map[string]string{"old": "'metrics:read'"})
	x := serve(t, nothing, func(o *expose.Options) {
		o.Endpoint.WebConfigFile = filepath.Join(dir, "web.yaml")
		o.Authentication.Enabled, o.Authentication.TokensFile = true, tokens
	})
	f := func(serial int64, accepted, refused string) {
		t.Helper()
		for token, want := range map[string]int{accepted: 200, refused: 401} {
			request, _ := http.NewRequest(http.MethodGet, "https://"+x.Addr().String()+"/metrics", http.NoBody)
			request.Header.Set("Authorization", "Bearer "+token)
			response, err := client(t, ca).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			got := response.TLS.PeerCertificates[0].SerialNumber.Int64()
			if response.StatusCode != want || got != serial {
				t.Errorf("with token %s: %d from certificate %d, want %d from %d", token, response.StatusCode, got, want, serial)
			}
		}
	}
	f(2, "old", "new")
	writeTokens(t, tokens, map[string]string{"new": "'metrics:read'"})
	write(t, filepath.Join(dir, "server.key"), "junk")
	if err := x.Reload(); err == nil || !strings.Contains(err.Error(), "server.key") {
		t.Errorf("Reload with a bad key: %v", err)
	}
	f(2, "old", "new") // all or nothing
	certificate, key := ca.Issue(t, "127.0.0.1")
	write(t, filepath.Join(dir, "server.crt"), string(certificate))
	write(t, filepath.Join(dir, "server.key"), string(key))
	if err := x.Reload(); err != nil {
		t.Error(err)
	}
	f(3, "new", "old")
}

// A handshake that comes slowly gets no more time than a request.
func TestSlowHandshakeIsCut(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	dir := secure(t, ca, "")
	x := prepare(t, nothing, expose.Observers{}, func(o *expose.Options) {
		o.Endpoint.WebConfigFile = filepath.Join(dir, "web.yaml")
	})
	x.SetReadTimeout(50 * time.Millisecond)
	x.start(t)
	for _, hello := range []string{"", "\x16\x03\x01\x02\x00\x01"} {
		if answer, err := io.ReadAll(x.raw(t, hello)); err != nil { // the deadline of raw is longer
			t.Errorf("%q was answered %q (%v), want the end", hello, answer, err)
		}
	}
	if s := x.Stats(); s.Guard.HandshakeFailures != 2 || len(s.Responses) != 0 {
		t.Errorf("stats %+v, want 2 handshakes that failed, and no response", s)
	}
}

// Close cuts a stalled response over TLS at once.
func TestCloseCutsTLS(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	dir := secure(t, ca, "")
	x := serve(t, nothing, func(o *expose.Options) { o.Endpoint.WebConfigFile = filepath.Join(dir, "web.yaml") })
	x.wide(t)
	raw, err := net.Dial("tcp", x.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	_ = raw.(*net.TCPConn).SetReadBuffer(4 << 10)
	c := tls.Client(raw, &tls.Config{RootCAs: ca.Pool(), ServerName: "127.0.0.1"})
	_, err = io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YWxpY2U6cGFzcw==\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	x.until(t, "streaming", func(s expose.Stats) bool { return s.Responses[200] == 1 && s.InFlight == 1 })
	x.closeCut(t)
}

// One client alone does not get all the connections.
func TestConnectionsOfOneClient(t *testing.T) {
	x := serve(t, nothing, nil)
	held := []*bufio.Reader{}
	for range expose.MaxPerClient {
		held = append(held, bufio.NewReader(x.raw(t, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")))
	}
	for _, r := range held {
		if answer, err := r.ReadString('\n'); !strings.Contains(answer, "200") {
			t.Fatalf("%q, %v", answer, err)
		}
	}
	if answer, _ := io.ReadAll(x.raw(t, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")); len(answer) != 0 {
		t.Errorf("one connection too many was answered %q", answer)
	}
	if s := x.Stats(); s.Refused != 1 {
		t.Errorf("%d connections were refused, want 1", s.Refused)
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
