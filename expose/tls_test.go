package expose_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"weir/expose"
	"weir/expose/guard/guardtest"
)

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
	// The answer to bytes that are no request has the headers, too.
	over, err := tls.Dial("tcp", x.Addr().String(), &tls.Config{RootCAs: ca.Pool()})
	if err != nil {
		t.Fatal(err)
	}
	defer over.Close()
	_, _ = io.WriteString(over, "GET\r\n\r\n")
	if answer, _ := io.ReadAll(over); !strings.Contains(string(answer), "X-Content-Type-Options: nosniff\r\n") {
		t.Errorf("answered %q", answer)
	}
	// Go's TLS listener answers plain HTTP: this is HTTPS.
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
