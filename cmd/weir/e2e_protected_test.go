package main_test

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/bcrypt"

	"weir/bench/process"
	"weir/expose/guard/guardtest"
)

// fortress is a directory of what a protected weir, and who scrapes it, need.
type fortress struct {
	dir    string
	client http.Client // with a certificate, and nothing else
	jwt    string
}

func newFortress(t *testing.T) *fortress {
	t.Helper()
	f := &fortress{dir: t.TempDir()}
	ca := guardtest.NewAuthority(t)
	server, serverKey := ca.Issue(t, "127.0.0.1")
	client, clientKey := ca.Issue(t, "scraper")
	hash, err := bcrypt.GenerateFromPassword([]byte("open sesame"), 10)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.Repeat("0123456789abcdef", 2)
	claims := jwt.MapClaims{"scope": "metrics:read", "exp": time.Now().Add(time.Hour).Unix(), "aud": "weir"}
	if f.jwt, err = jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret)); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"ca.crt": string(ca.PEM()), "server.crt": string(server), "server.key": string(serverKey),
		"client.crt": string(client), "client.key": string(clientKey), "jwt.key": secret + "\n",
		"web.yaml": "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_ca_file: ca.crt\n" +
			"  client_auth_type: RequireAndVerifyClientCert\n  min_version: TLS13\n" +
			"basic_auth_users:\n  prometheus: " + string(hash) + "\n" +
			"http_server_config:\n  headers:\n    X-Content-Type-Options: nosniff\n",
		"tokens.yaml": fmt.Sprintf("tokens: [{name: scraper, sha256: %x, scopes: ['metrics:read']}]\n", sha256.Sum256([]byte("token"))),
	} {
		if err := os.WriteFile(filepath.Join(f.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.X509KeyPair(client, clientKey)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool(), Certificates: []tls.Certificate{pair}}}
	t.Cleanup(transport.CloseIdleConnections)
	f.client = http.Client{Transport: transport, Timeout: waitLimit}
	return f
}

// start starts a weir that asks for everything.
func (f *fortress) start(t *testing.T, e e2e) *weir {
	t.Helper()
	w := &weir{process.Start(t, e.program(
		"--endpoint.web_config_file="+f.dir+"/web.yaml", "--authentication.enabled",
		"--authentication.tokens_file="+f.dir+"/tokens.yaml", "--authentication.jwt.key_file="+f.dir+"/jwt.key",
		"--authentication.jwt.audience=weir", "--log.level=debug"))}
	t.Cleanup(func() { process.MustStop(t, w.Process) })
	return w
}

// get returns the status and the body of a response to someone with a certificate.
func (f *fortress) get(t *testing.T, w *weir, path, authorization string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+w.HTTP+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := f.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// raw sends a request as it is, and reads the answer to its end.
func (f *fortress) raw(t *testing.T, w *weir, request string) {
	t.Helper()
	c, err := tls.Dial("tcp", w.HTTP, f.client.Transport.(*http.Transport).TLSClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send(t, c, request)
	if answer, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") {
		t.Errorf("%q is answered %q (%v), want 400", request, answer, err)
	}
}

// Prometheus scrapes a weir over TLS, with a client certificate and each way to say who it is.
func (e e2e) testProtected(t *testing.T) {
	f := newFortress(t)
	promtool := need(t, "promtool", "prometheus")
	runProgram(t, nil, promtool, "check", "web-config", filepath.Join(f.dir, "web.yaml"))
	w := f.start(t, e)
	send(t, w.dial(t, "udp"), scraped.lines)
	ways := map[string]string{
		"basic": "basic_auth: {username: prometheus, password: open sesame}",
		"token": "authorization: {credentials: token}",
		"jwt":   "authorization: {credentials: " + f.jwt + "}",
	}
	over := fmt.Sprintf("tls_config: {ca_file: %q, cert_file: %q, key_file: %q}",
		f.dir+"/ca.crt", f.dir+"/client.crt", f.dir+"/client.key")
	apis := make(map[string]promAPI)
	for name, way := range ways {
		apis[name] = databases[0].scrape(t, []*weir{w}, "scheme: https", over, way)
	}
	for name, api := range apis {
		t.Run(name, func(t *testing.T) {
			eventually(t, func() error { return api.compare(scraped.answers) })
		})
	}
	for authorization, want := range map[string]int{"": 401, "Bearer wrong": 401, "Bearer token": 200, "Basic eDp5": 401} {
		if status, _ := f.get(t, w, w.Path, authorization); status != want {
			t.Errorf("GET %s with %q = %d, want %d", w.Path, authorization, status, want)
		}
	}
	if status, _ := f.get(t, w, "/-/ready", ""); status != 200 {
		t.Errorf("GET /-/ready = %d, want 200", status)
	}
	_, page := f.get(t, w, w.Path, "Bearer token")
	for _, want := range []string{`{reason="missing"} 1`, `{reason="unknown"} 2`, `{reason="scope"} 0`} {
		if !strings.Contains(page, "\nweir_http_auth_failures_total"+want+"\n") {
			t.Errorf("the exposition lacks weir_http_auth_failures_total%s", want)
		}
	}
	f.raw(t, w, "GET "+w.Path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer mal\x01formed\r\n\r\n")
	for _, secret := range []string{"open sesame", f.jwt, "wrong", "formed\""} {
		if strings.Contains(w.Log(), secret) {
			t.Errorf("the log has %q in it", secret)
		}
	}
}
