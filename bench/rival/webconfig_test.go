package rival_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/exporter-toolkit/web"
	"pgregory.net/rapid"

	"weir/expose"
	"weir/expose/guard/guardtest"
)

// userHash is a bcrypt hash of "password", of the least cost.
const userHash = "$2a$04$KFPnHTYRnzVmMF6aQiZ9..UfaEtEfAD3KxUuTcqtVefHm.M83nYwe"

// webFiles makes a directory with what web configuration files of the tests name.
func webFiles(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	ca := guardtest.NewAuthority(t)
	certificate, key := ca.Issue(t, "localhost")
	_, otherKey := ca.Issue(t, "localhost")
	for name, content := range map[string][]byte{
		"server.crt": certificate, "server.key": key, "other.key": otherKey, "ca.crt": ca.PEM(), "junk": []byte("junk"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// judgeWebConfig returns what the toolkit and weir say to a web configuration file in dir; nil accepts it.
func judgeWebConfig(t fataler, dir, content string) (toolkit, weir error) {
	t.Helper()
	path := filepath.Join(dir, "web.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatalf("%v", err)
	}
	options := expose.DefaultOptions()
	options.Endpoint.WebConfigFile = path
	_, err := options.CheckFiles()
	return web.Validate(path), err
}

// fataler is testing.TB and rapid.T.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

const keyPair = "cert_file: server.crt, key_file: server.key"

// TestWebConfigLikeTheToolkit holds that weir accepts the web configuration files that Prometheus and its
// exporters accept, and no others.
func TestWebConfigLikeTheToolkit(t *testing.T) {
	dir := webFiles(t)
	f := func(want bool, content string) {
		t.Helper()
		toolkit, weir := judgeWebConfig(t, dir, content)
		if (toolkit == nil) != want || (weir == nil) != want {
			t.Errorf("%q, want accepted = %v\ntoolkit: %v\nweir: %v", content, want, toolkit, weir)
		}
	}
	inline := func(file string) string {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return "|\n    " + strings.ReplaceAll(strings.TrimSpace(string(content)), "\n", "\n    ") + "\n"
	}
	f(true, "")
	f(true, "# nothing\n")
	f(true, "tls_server_config:\nhttp_server_config:\nbasic_auth_users:\n")
	f(true, "tls_server_config: {"+keyPair+"}")
	f(true, "tls_server_config: {cert_file: "+dir+"/server.crt, key_file: "+dir+"/server.key}")
	f(true, "tls_server_config:\n  cert: "+inline("server.crt")+"  key: "+inline("server.key"))
	f(true, "tls_server_config: {"+keyPair+", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt}")
	f(true, "tls_server_config: {"+keyPair+", client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.crt, client_allowed_sans: [a]}")
	f(true, "tls_server_config: {"+keyPair+", client_auth_type: RequireClientCert}") // an older spelling
	f(true, "tls_server_config: {"+keyPair+", client_auth_type: NoClientCert}")
	f(true, "tls_server_config: {"+keyPair+", min_version: TLS10, max_version: TLS12, prefer_server_cipher_suites: no}")
	f(true, "tls_server_config: {"+keyPair+", cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256], curve_preferences: [X25519, CurveP256]}")
	f(true, "http_server_config: {http2: off, headers: {X-Frame-Options: deny, Content-Security-Policy: default-src 'self'}}")
	f(true, "basic_auth_users: {ann: "+userHash+", bob: "+userHash+"}")
	f(true, "tls_server_config: {<<: {"+keyPair+"}, min_version: TLS13}")

	f(false, "tls: {}")
	f(false, "[]")
	f(false, "a: [")
	f(false, "tls_server_config: 5")
	f(false, "tls_server_config: {"+keyPair+", cert_fil: x}")
	f(false, "tls_server_config: {"+keyPair+", cert_file: server.crt}")
	f(false, "tls_server_config: {cert_file: server.crt}")
	f(false, "tls_server_config: {key_file: server.key}")
	f(false, "tls_server_config: {cert_file: missing, key_file: server.key}")
	f(false, "tls_server_config: {cert_file: server.crt, key_file: other.key}")
	f(false, "tls_server_config: {cert_file: junk, key_file: server.key}")
	f(false, "tls_server_config: {"+keyPair+", client_ca_file: ca.crt}")
	f(false, "tls_server_config: {"+keyPair+", client_auth_type: VerifyClientCertIfGiven, client_ca_file: missing}")
	f(false, "tls_server_config: {"+keyPair+", client_auth_type: Sometimes}")
	f(false, "tls_server_config: {"+keyPair+", min_version: TLS14}")
	f(false, "tls_server_config: {"+keyPair+", cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}")
	f(false, "tls_server_config: {"+keyPair+", curve_preferences: [P256]}")
	f(false, "http_server_config: {http2: maybe}")
	f(false, "http_server_config: {headers: {Server: x}}")
	f(false, "http_server_config: {headers: {X-Content-Type-Options: sniff}}")
	f(false, "http_server_config: {headers: [X-Frame-Options]}")
	f(false, "basic_auth_users: {ann: password}")
	f(false, "basic_auth_users: [ann]")
}

// TestWebConfigUnlikeTheToolkit holds the differences on purpose, which docs/security.md lists. weir is the
// stricter of the two wherever a setting would protect less than whoever wrote it may think.
func TestWebConfigUnlikeTheToolkit(t *testing.T) {
	dir := webFiles(t)
	f := func(toolkitAccepts bool, why, content string) {
		t.Helper()
		toolkit, weir := judgeWebConfig(t, dir, content)
		if (toolkit == nil) != toolkitAccepts || (weir == nil) == toolkitAccepts {
			t.Errorf("%q: want only one to accept it, since %s\ntoolkit: %v\nweir: %v", content, why, toolkit, weir)
		}
	}
	const onlyToolkit, onlyWeir = true, false
	f(onlyToolkit, "weir has rate_limiting", "rate_limit: {interval: 1s, burst: 5}")
	f(onlyToolkit, "one of the two would be ignored", "tls_server_config: {"+keyPair+", cert: x}")
	f(onlyToolkit, "the endpoint would speak plain HTTP", "tls_server_config: {min_version: TLS13}")
	f(onlyToolkit, "the CAs of the system would let clients in",
		"tls_server_config: {"+keyPair+", client_auth_type: RequireAndVerifyClientCert}")
	f(onlyToolkit, "no client would be let in, or all",
		"tls_server_config: {"+keyPair+", client_auth_type: VerifyClientCertIfGiven, client_ca_file: junk}")
	f(onlyToolkit, "names that nobody has verified would be compared",
		"tls_server_config: {"+keyPair+", client_auth_type: RequireAnyClientCert, client_allowed_sans: [a]}")
	f(onlyToolkit, "no handshake would succeed", "tls_server_config: {"+keyPair+", min_version: TLS13, max_version: TLS12}")
	f(onlyToolkit, "a line break would make another header",
		`http_server_config: {headers: {Content-Security-Policy: "a\r\nSet-Cookie: b"}}`)
	f(onlyToolkit, "one comparison would take seconds", "basic_auth_users: {ann: "+strings.Replace(userHash, "$04$", "$15$", 1)+"}")
	f(onlyToolkit, "an empty value is probably a forgotten one", "tls_server_config: {"+keyPair+", client_auth_type: ''}")
	f(onlyToolkit, "the second document would be ignored", "http_server_config: {http2: true}\n---\nbasic_auth_users: {}\n")
	f(onlyWeir, "the toolkit does not know that curve yet", "tls_server_config: {"+keyPair+", curve_preferences: [X25519MLKEM768]}")
}

// TestWebConfigAtRandom holds that the two agree on any combination of settings, except for the differences
// on purpose.
func TestWebConfigAtRandom(t *testing.T) {
	dir := webFiles(t)
	rapid.Check(t, func(t *rapid.T) {
		settings := map[string]string{}
		for _, choice := range [][]string{
			{"cert_file", "", "server.crt", "server.crt", "missing"},
			{"key_file", "", "server.key", "server.key", "other.key"},
			{"client_auth_type", "", "NoClientCert", "RequestClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert", "No"},
			{"client_ca_file", "", "", "ca.crt", "missing"},
			{"min_version", "", "TLS12", "TLS13", "TLS99"},
			{"max_version", "", "TLS12", "TLS13"},
			{"curve_preferences", "", "[]", "[X25519]", "[X]", "X25519"},
			{"prefer_server_cipher_suites", "", "true", "yes", "5"},
			{"certs", "", "", "", "x"},
		} {
			if value := rapid.SampledFrom(choice[1:]).Draw(t, choice[0]); value != "" {
				settings[choice[0]] = value
			}
		}
		var lines strings.Builder
		for key, value := range settings {
			fmt.Fprintf(&lines, "  %s: %s\n", key, value)
		}
		content := "tls_server_config:\n" + lines.String()
		toolkit, weir := judgeWebConfig(t, dir, content)
		if (toolkit == nil) != (weir == nil) && (toolkit != nil || !differsOnPurpose(settings)) {
			t.Fatalf("%s\ntoolkit: %v\nweir: %v", content, toolkit, weir)
		}
	})
}

// differsOnPurpose reports whether weir refuses settings of TLS that the toolkit accepts.
func differsOnPurpose(settings map[string]string) bool {
	verifies := strings.Contains(settings["client_auth_type"], "Verify")
	plain := settings["cert_file"]+settings["key_file"]+settings["client_auth_type"]+settings["client_ca_file"] == ""
	return plain && len(settings) > 0 || verifies && settings["client_ca_file"] == "" ||
		settings["min_version"] > settings["max_version"] && settings["max_version"] != ""
}
