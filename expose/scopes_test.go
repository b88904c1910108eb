package expose_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/expose"
	"weir/expose/guard/guardtest"
	"weir/expose/status"
	"weir/expose/status/wire"
)

// Each token opens what its scope is for, and nothing else: reading metrics opens neither the page nor what an
// administrator does.
func TestScopes(t *testing.T) {
	protected := protect(t)
	x := prepare(t, nothing, expose.Observers{}, func(o *expose.Options) {
		protected(o)
		withProfiles(o)
		o.Endpoint.Lifecycle = true
	})
	x.SetStatus(status.New(status.Sources{CanDelete: true}))
	x.SetLifecycle(expose.Lifecycle{Reload: func() error { return nil }, Quit: func() {}})
	x.start(t)
	for _, route := range []struct{ method, path, opens string }{
		{"GET", "/metrics", "good"},
		{"GET", "/nothing", "good"},
		{"GET", "/", "looker"},
		{"GET", "/assets/app.js", "looker"},
		{"GET", "/api/v1/status/buildinfo", "looker"},
		{"GET", "/api/v1/nothing", "looker"},
		{"POST", "/api/v1/explain", "looker"},
		{"POST", "/api/v1/series/delete?match=a", "boss"},
		{"GET", "/api/v1/series/delete", "boss"},
		{"POST", "/-/reload", "boss"},
		{"POST", "/-/quit", "boss"},
		{"GET", "/debug/pprof/cmdline", "boss"},
	} {
		for _, token := range []string{"good", "looker", "boss", "other"} {
			response, body := x.do(t, route.method, route.path, "Authorization", "Bearer "+token)
			isOpen := response.StatusCode != http.StatusForbidden || strings.Contains(body, "endpoint.")
			if isOpen != (token == route.opens) {
				t.Errorf("%s %s with the token %s: %d %s", route.method, route.path, token, response.StatusCode, body)
			}
		}
	}
}

// Without credentials only the shell of the page is open, which holds no data.
func TestShellIsOpen(t *testing.T) {
	x := serve(t, nothing, protect(t))
	x.record(t, "secret_metric:1|c")
	response, body := x.do(t, "GET", "/")
	if response.StatusCode != 200 || strings.Contains(body, "secret_metric") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	if response, _ := x.do(t, "GET", "/", "Authorization", "Bearer bad"); response.StatusCode != 401 {
		t.Errorf("with a bad token: %d", response.StatusCode)
	}
}

// With users alone the page needs a password: then a browser asks for one.
func TestShellIsForUsers(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	dir := secure(t, ca, "")
	x := serve(t, nothing, func(o *expose.Options) { o.Endpoint.WebConfigFile = filepath.Join(dir, "web.yaml") })
	c := client(t, ca)
	for password, want := range map[string]int{"wrong": 401, "pass": 200} {
		response, err := ask(c, "https://"+x.Addr().String()+"/", password)
		if err != nil || response.StatusCode != want {
			t.Errorf("password %q: %v %v, want %d", password, response, err, want)
		}
	}
}

// The exposition at "/" takes the place of the page, and needs what metrics need.
func TestScopeOfRoot(t *testing.T) {
	protected := protect(t)
	x := serve(t, nothing, func(o *expose.Options) {
		protected(o)
		o.Endpoint.Path = "/"
	})
	for token, want := range map[string]int{"Bearer good": 200, "Bearer looker": 403} {
		if response, _ := x.do(t, "GET", "/", "Authorization", token); response.StatusCode != want {
			t.Errorf("%s: %d, want %d", token, response.StatusCode, want)
		}
	}
	if response, _ := x.do(t, "GET", "/"); response.StatusCode != 401 {
		t.Errorf("without a token: %d", response.StatusCode)
	}
}

// What an administrator does is logged: who, from where, and what.
func TestAudit(t *testing.T) {
	o := expose.DefaultOptions()
	o.Endpoint.Listen = "127.0.0.1:0"
	protect(t)(&o)
	o.Endpoint.Lifecycle = true
	var log bytes.Buffer
	x := &target{Server: expose.NewServer(o, aggregate.New(aggregate.DefaultOptions()), nothing, expose.Observers{},
		zerolog.New(zerolog.SyncWriter(&log)))}
	x.SetLifecycle(expose.Lifecycle{Reload: func() error { return nil }, Quit: func() {}})
	x.start(t)
	x.do(t, "POST", "/-/reload", "Authorization", "Bearer boss")
	x.do(t, "POST", "/-/reload", "Authorization", "Bearer good")
	x.do(t, "GET", "/metrics", "Authorization", "Bearer good")
	var audits []map[string]any
	for line := range strings.Lines(log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry["message"] == "an administrator's request" {
			audits = append(audits, entry)
		}
	}
	if len(audits) != 1 || audits[0]["who"] != "boss" || audits[0]["path"] != "/-/reload" || audits[0]["method"] != "POST" ||
		!strings.HasPrefix(audits[0]["from"].(string), "127.0.0.1:") {
		t.Errorf("%v", audits)
	}
}

// Who lacks a scope is told which, and who has no valid credentials is not.
func TestRefusalNamesScope(t *testing.T) {
	x := serveStatus(t, protect(t))
	f := func(method, path, token string, status int, want string) {
		t.Helper()
		response, body := x.do(t, method, path, "Authorization", "Bearer "+token)
		if response.StatusCode != status || !strings.Contains(body, want) || strings.Contains(body, "read") && status == 401 {
			t.Errorf("%s %s with %s: %d %s, want %d %s", method, path, token, response.StatusCode, body, status, want)
		}
	}
	f("GET", "/metrics", "looker", 403, "lack the scope metrics:read, which")
	f("GET", "/api/v1/status", "good", 403, "lack the scope status:read, which")
	f("POST", "/api/v1/series/delete", "looker", 403, "lack the scope admin, which is needed here; users")
	f("GET", "/api/v1/status", "nobody", 401, "not valid")
}

// A refusal of the API is JSON, as its answers are.
func TestRefusalOfAPI(t *testing.T) {
	x := serveStatus(t, protect(t))
	response, body := x.do(t, "GET", "/api/v1/status")
	var e wire.Envelope[any]
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.ErrorType != wire.Unauthorized || response.StatusCode != 401 {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}
