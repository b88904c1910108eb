package expose_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"weir/expose"
	"weir/expose/guard/guardtest"
	"weir/expose/status"
)

// Scopes, and what needs none.
const (
	open    = "open"
	metrics = "metrics:read"
	looking = "status:read"
	admin   = "admin"
)

// route is a request, as it is sent: fasthttp resolves "//", "." and "..", and decodes '%'.
type route struct{ method, path, scope string }

// everyRoute has every route, and ways to write some that could slip past the gate.
func everyRoute() []route {
	all := []route{
		{"GET", "/-/healthy", open},
		{"GET", "/-/ready", open},
		{"GET", "/health", open},
		{"GET", "/ready", open},
		{"GET", "/metrics", metrics},
		{"HEAD", "/metrics", metrics},
		{"POST", "/metrics", metrics},
		{"GET", "//metrics", metrics},
		{"GET", "/x/../metrics", metrics},
		{"GET", "/%6detrics", metrics},
		{"GET", "/METRICS", metrics},
		{"GET", "/metrics/", metrics},
		{"GET", "/health/", metrics},
		{"GET", "/health/../metrics", metrics},
		{"GET", "/API/v1/config", metrics},
		{"GET", "/api", metrics},
		{"GET", "/api/v1", metrics},
		{"GET", "/nothing", metrics},
		{"GET", "/health%00/api/v1/config", metrics},
		{"HEAD", "/api/v1/config", looking},
		{"GET", "//api/v1/config", looking},
		{"GET", "/api//v1/config", looking},
		{"GET", "/health/../api/v1/config", looking},
		{"GET", "/%61pi/v1/config", looking},
		{"GET", "/api/%76%31/config", looking},
		{"GET", "/%2e%2e/api/v1/config", looking},
		{"GET", "/api/v1/config?/health", looking},
		{"GET", "/api/v1/", looking},
		{"GET", "/api/v1/nothing", looking},
		{"GET", "/api/v1/families/a", looking},
		{"GET", "/api/v1/families/a/b", looking},
		{"GET", "/api/v1/series/delete/", looking},
		{"GET", "/api/v1/series/deletex", looking},
		{"POST", "/api/v1/explain", looking},
	}
	for _, path := range []string{
		"status", "status/buildinfo", "status/tsdb", "families", "series", "labels", "rejects", "tail", "senders", "listeners", "scrapers",
		"config", "rules",
	} {
		all = append(all, route{"GET", "/api/v1/" + path, looking})
	}
	for _, path := range []string{
		"/api/v1/series/delete?match=a", "//api/v1/series/delete?match=a", "/api/v1//series/delete?match=a", "/api/v1/./series/delete",
		"/api/v1/x/../series/delete", "/api/v1/%73eries/delete", "/api/v1/series%2fdelete", "/health/../api/v1/series/delete",
		"/-/reload", "//-/reload", "/-/./reload", "/-/%72eload", "/-/quit", "/health/../-/quit",
	} {
		all = append(all, route{"POST", path, admin}, route{"GET", path, admin})
	}
	for _, path := range []string{"/debug/pprof", "/debug/pprof/", "/debug/pprof/cmdline", "//debug/pprof/cmdline", "/debug/%70prof/heap"} {
		all = append(all, route{"GET", path, admin})
	}
	return all
}

// TestMatrix asks for every route with every kind of credentials: each opens what its scopes are for, and
// nothing else, however the path is written.
func TestMatrix(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	pair, err := tls.X509KeyPair(ca.Issue(t, "client"))
	if err != nil {
		t.Fatal(err)
	}
	people := []string{metrics, looking}
	for _, kind := range []struct {
		name         string
		change       func(*expose.Options)
		certificates []tls.Certificate
		by           map[string][]string // scopes by credentials
	}{
		{"tokens", protect(t), nil, map[string][]string{
			"Bearer good": {metrics}, "Bearer looker": {looking}, "Bearer boss": {admin}, "Bearer other": nil,
			"Bearer unknown": nil, "Basic YWxpY2U6cGFzcw==": nil, "Negotiate x": nil, "": nil,
		}},
		{"jwt", acceptJWT(t), nil, map[string][]string{
			bearerJWT(t, metrics): {metrics}, bearerJWT(t, looking): {looking}, bearerJWT(t, admin): {admin},
			bearerJWT(t, "other"): nil, bearerJWT(t, metrics+" "+admin): {metrics, admin}, bearerJWT(t, ""): nil, "": nil,
		}},
		{"users", web(secure(t, ca, "")), nil, map[string][]string{
			"Basic YWxpY2U6cGFzcw==": people, "Basic YWxpY2U6d3Jvbmc=": nil, "Bearer boss": nil, "": nil,
		}},
		{"users with an administrator", web(secure(t, ca, ""), "alice"), nil, map[string][]string{
			"Basic YWxpY2U6cGFzcw==": append(people, admin), "Basic YWxpY2U6d3Jvbmc=": nil, "": nil,
		}},
		{"certificates", mutual(t, ca), []tls.Certificate{pair}, map[string][]string{"": people, "Bearer boss": people}},
		{"certificates of an administrator", mutual(t, ca, "weir test"), []tls.Certificate{pair}, map[string][]string{
			"": append(people, admin),
		}},
	} {
		t.Run(kind.name, func(t *testing.T) {
			x := prepare(t, nothing, expose.Observers{}, func(o *expose.Options) {
				kind.change(o)
				withProfiles(o)
				o.Endpoint.Lifecycle = true
			})
			x.SetStatus(status.New(status.Sources{CanDelete: true}))
			x.SetLifecycle(expose.Lifecycle{Reload: func() error { return nil }, Quit: func() {}})
			x.start(t)
			secured := &tls.Config{RootCAs: ca.Pool(), Certificates: kind.certificates, ServerName: "127.0.0.1"}
			for credentials, scopes := range kind.by {
				for _, r := range everyRoute() {
					code := askRaw(t, secured, x, r, credentials)
					isAdmitted := code != http.StatusUnauthorized && code != http.StatusForbidden
					if want := r.scope == open || slices.Contains(scopes, r.scope); isAdmitted != want {
						t.Errorf("%s %s with %.20q: %d, want admitted = %t", r.method, r.path, credentials, code, want)
					}
				}
			}
		})
	}
}

// askRaw sends a request whose path is not changed, and returns the status code of the answer.
func askRaw(t *testing.T, secured *tls.Config, x *target, r route, credentials string) int {
	t.Helper()
	c, err := net.Dial("tcp", x.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if x.HasTLS() {
		c = tls.Client(c, secured)
	}
	if credentials != "" {
		credentials = "Authorization: " + credentials + "\r\n"
	}
	_, _ = io.WriteString(c, r.method+" "+r.path+" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"+credentials+"\r\n")
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

const jwtSecret = "0123456789abcdef0123456789abcdef"

func acceptJWT(t *testing.T) func(*expose.Options) {
	t.Helper()
	file := write(t, filepath.Join(t.TempDir(), "key"), jwtSecret)
	return func(o *expose.Options) { o.Authentication.Enabled, o.Authentication.JWT.KeyFile = true, file }
}

// bearerJWT returns the header of a token with scopes.
func bearerJWT(t *testing.T, scopes string) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix(), "scope": scopes})
	text, err := token.SignedString([]byte(jwtSecret))
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text
}

// web has the web configuration in a folder.
func web(dir string, admins ...string) func(*expose.Options) {
	return func(o *expose.Options) {
		o.Endpoint.WebConfigFile, o.Authentication.Admins = filepath.Join(dir, "web.yaml"), admins
	}
}

// mutual asks for certificates, and has no users.
func mutual(t *testing.T, ca *guardtest.Authority, admins ...string) func(*expose.Options) {
	t.Helper()
	dir := secure(t, ca, "")
	write(t, filepath.Join(dir, "web.yaml"), "tls_server_config: {cert_file: server.crt, key_file: server.key, "+
		"client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt}\n")
	return web(dir, admins...)
}
