package guard_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/expose/guard"
	"weir/expose/guard/guardtest"
)

// serverFiles makes a directory with server.crt, server.key and ca.crt.
func serverFiles(t testing.TB, ca *guardtest.Authority) (dir string) {
	t.Helper()
	dir = t.TempDir()
	certificate, key := ca.Issue(t, "localhost", "127.0.0.1")
	rewrite(t, filepath.Join(dir, "server.crt"), string(certificate))
	rewrite(t, filepath.Join(dir, "server.key"), string(key))
	rewrite(t, filepath.Join(dir, "ca.crt"), string(ca.PEM()))
	return dir
}

const serverPair = "cert_file: server.crt, key_file: server.key"

func TestWebConfig(t *testing.T) {
	dir := serverFiles(t, guardtest.NewAuthority(t))
	inline := func(file string) string {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return "|\n    " + strings.ReplaceAll(strings.TrimSpace(string(content)), "\n", "\n    ") + "\n"
	}
	f := func(content string, tls bool, headers ...guard.Header) {
		t.Helper()
		web := filepath.Join(dir, "web.yaml")
		rewrite(t, web, content)
		g := load(t, web, nil)
		if g.HasTLS() != tls || !slices.Equal(g.Headers(), headers) {
			t.Errorf("%s: TLS %v, headers %q", content, g.HasTLS(), g.Headers())
		}
	}
	f("", false)
	f("# nothing\n", false)
	f("tls_server_config:\nhttp_server_config:\nbasic_auth_users:\n", false)
	f("tls_server_config: {"+serverPair+"}", true)
	f("tls_server_config: {cert_file: "+dir+"/server.crt, key_file: "+dir+"/server.key}", true)
	f("tls_server_config:\n  cert: "+inline("server.crt")+"  key: "+inline("server.key"), true)
	f("tls_server_config: {"+serverPair+", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt, "+
		"client_allowed_sans: [a, b]}", true)
	f("tls_server_config: {"+serverPair+", client_auth_type: RequireClientCert}", true)
	f("tls_server_config: {"+serverPair+", min_version: TLS10, max_version: TLS12, prefer_server_cipher_suites: true, "+
		"cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256], curve_preferences: [X25519, CurveP256]}", true)
	f("http_server_config: {http2: true, headers: {X-Frame-Options: sameorigin}}", false,
		guard.Header{Name: "X-Frame-Options", Value: "sameorigin"})
	f("http_server_config:\n  headers:\n    Strict-Transport-Security: max-age=1\n    Content-Security-Policy: default-src 'self'\n", false,
		guard.Header{Name: "Strict-Transport-Security", Value: "max-age=1"},
		guard.Header{Name: "Content-Security-Policy", Value: "default-src 'self'"})
}

func TestWebConfigBad(t *testing.T) {
	dir := serverFiles(t, guardtest.NewAuthority(t))
	web := filepath.Join(dir, "web.yaml")
	f := func(content string, want ...string) {
		t.Helper()
		rewrite(t, web, content)
		for i := range want {
			want[i] = web + ":" + want[i]
		}
		wantErrors(t, content, build(t, web, nil).Load(), want...)
	}
	f("tls: {}", "1: tls: unknown key: want one of basic_auth_users, http_server_config, rate_limit, tls_server_config")
	f("rate_limit: {burst: 1}", "1: rate_limit: not supported here: use rate_limiting")
	f("[]", "1: a list: want a section with the keys basic_auth_users")
	f("a: [", "1: invalid YAML")
	f("tls_server_config: 5", "1: tls_server_config: want a section")
	f("tls_server_config:\n  min_version: TLS13", "2: tls_server_config: want one of cert_file and cert", "2: tls_server_config: want one of key_file and key")
	f("tls_server_config: {"+serverPair+", cert: x}", "1: tls_server_config: want one of cert_file and cert")
	f("tls_server_config: {"+serverPair+", client_ca_file: ca.crt}", "1: tls_server_config.client_auth_type: missing")
	f("tls_server_config: {"+serverPair+", client_ca_file: ca.crt, client_ca: x, client_auth_type: VerifyClientCertIfGiven}", "1: tls_server_config: want one of client_ca_file")
	f("tls_server_config: {"+serverPair+", client_auth_type: RequireAndVerifyClientCert}", "1: tls_server_config.client_ca_file: missing")
	f("tls_server_config: {"+serverPair+", client_auth_type: RequireAnyClientCert, client_allowed_sans: [a]}", "1: tls_server_config: client_allowed_sans is given: want client_auth_type")
	f("tls_server_config: {"+serverPair+",\n client_auth_type: Yes}", `2: tls_server_config.client_auth_type: Yes: want NoClientCert, RequestClientCert, `)
	f("tls_server_config: {"+serverPair+",\n min_version: TLS14}", "2: tls_server_config.min_version: TLS14: want TLS10, TLS11, TLS12 or TLS13")
	f("tls_server_config: {"+serverPair+", min_version: TLS13, max_version: TLS12}", "1: tls_server_config: min_version is above max_version")
	f("tls_server_config: {"+serverPair+",\n cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}", `2: tls_server_config.cipher_suites[0]: TLS_RSA_WITH_RC4_128_SHA: want TLS_`)
	f("tls_server_config: {"+serverPair+",\n curve_preferences: [P1]}", `2: tls_server_config.curve_preferences[0]: P1: want CurveP256`)
	f("http_server_config: {http2: maybe}", "1: http_server_config.http2: want true or false")
	f("http_server_config: {headers: {Server: x}}", "1: http_server_config.headers.Server: unknown key")
	f("http_server_config: {headers: {X-Content-Type-Options: sniff}}", `1: http_server_config.headers.X-Content-Type-Options: "sniff": want nosniff`)
	f("http_server_config: {headers: {Content-Security-Policy: \"a\\r\\nb\"}}", `1: http_server_config.headers.Content-Security-Policy: "a\r\nb": want visible`)
	f("basic_auth_users: [a]", "1: basic_auth_users: a list: want a section")
	f("basic_auth_users:\n  a: hunter2\n  b:\n", "2: basic_auth_users.a: want a bcrypt hash", "3: basic_auth_users.b: want a bcrypt hash")

	// Of the files beside it.
	g := func(content string, want ...string) {
		t.Helper()
		rewrite(t, web, content)
		wantErrors(t, content, build(t, web, nil).Load(), want...)
	}
	certErr := web + `:1: tls_server_config.cert_file: "` + dir + `/a": no such file`
	keyErr := web + `:1: tls_server_config.key_file: "` + dir + `/b": no such file`
	g("tls_server_config: {cert_file: a, key_file: b}", certErr, keyErr)
	g("tls_server_config: {cert_file: a, key_file: b}\nhttp_sever_config: {}", web+":2: http_sever_config: unknown key", certErr, keyErr)
	g("tls_server_config: {cert_file: ca.crt, key_file: server.key}", dir+"/ca.crt, "+dir+"/server.key: tls: private key does not match")
	g("tls_server_config: {cert: x, key_file: server.key}", "inline PEM, "+dir+"/server.key: tls: failed to find any PEM data")
	g("tls_server_config: {"+serverPair+", client_ca_file: server.key, client_auth_type: VerifyClientCertIfGiven}",
		dir+"/server.key: no certificate in it")
	wantErrors(t, "no file", build(t, "missing.yaml", nil).Load(), "missing.yaml: no such file")
}
