package guard_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"

	"weir/expose/guard"
)

// noon is what the clock shows in tests.
var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

var client = netip.MustParseAddr("192.0.2.1")

// write writes a file and returns its path.
func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	rewrite(t, path, content)
	return path
}

func rewrite(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func digest(token string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(token))) }

// slowHash is a hash of the least cost.
func slowHash(t testing.TB, secret string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

// build makes a guard whose clock stands at noon, and does not load it.
func build(t testing.TB, web string, change func(*guard.Options)) *guard.Guard {
	t.Helper()
	o := guard.DefaultOptions()
	if change != nil {
		change(&o)
	}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	g := guard.New(o, web, zerolog.Nop())
	g.SetNow(func() time.Time { return noon })
	g.Passwords().Unlimit() // nobody waits
	return g
}

func load(t testing.TB, web string, change func(*guard.Options)) *guard.Guard {
	t.Helper()
	g := build(t, web, change)
	if err := g.Load(); err != nil {
		t.Fatal(err)
	}
	return g
}

func withTokens(path string) func(*guard.Options) {
	return func(o *guard.Options) { o.Enabled, o.TokensFile = true, path }
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// authorize asks for one request with so many Authorization headers.
func authorize(g *guard.Guard, authorizations ...string) guard.Verdict {
	var values [][]byte
	for _, a := range authorizations {
		values = append(values, []byte(a))
	}
	return g.Authorize(values, guard.ScopeMetrics, client)
}

// wantErrors checks that an error has these beginnings of lines, and no other lines.
func wantErrors(t testing.TB, what string, err error, want ...string) {
	t.Helper()
	var got []string
	if err != nil {
		got = strings.Split(err.Error(), "\n")
	}
	fits := slices.EqualFunc(got, want, func(got, want string) bool {
		for part := range strings.SplitSeq(want, "...") {
			_, rest, ok := strings.Cut(got, part)
			if !ok {
				return false
			}
			got = rest
		}
		return true
	})
	if !fits {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The users of a web configuration get in beside the tokens, or alone.
func TestUsers(t *testing.T) {
	web := write(t, "web.yaml", "basic_auth_users:\n  alice: "+slowHash(t, "one:two")+"\n  bob: "+slowHash(t, "")+"\n")
	tokens := write(t, "tokens.yaml", "tokens: [{name: a, sha256: "+digest("a")+", scopes: ['metrics:read']}]")
	f := func(g *guard.Guard, authorization string, reason guard.Reason) {
		t.Helper()
		for range 2 {
			if v := authorize(g, authorization); v.Reason != reason {
				t.Errorf("Authorize(%q) = %q, want %q", authorization, v.Reason, reason)
			}
		}
	}
	alone := load(t, web, nil)
	f(alone, basic("alice", "one:two"), guard.ReasonNone)
	f(alone, basic("bob", ""), guard.ReasonNone)
	f(alone, basic("bob", "one:two"), guard.ReasonUnknown)
	f(alone, basic("alice", "one"), guard.ReasonUnknown)
	f(alone, basic("alice", ""), guard.ReasonUnknown)
	f(alone, basic("alic", "eone:two"), guard.ReasonUnknown)
	f(alone, basic("nobody", "one:two"), guard.ReasonUnknown)
	f(alone, basic("", ""), guard.ReasonUnknown)
	f(alone, "Bearer a", guard.ReasonScheme)
	if got := alone.Challenges(guard.ReasonUnknown, guard.ScopeMetrics); !slices.Equal(got, []string{`Basic realm="weir", charset="UTF-8"`}) {
		t.Errorf("challenges: %q", got)
	}
	both := load(t, web, withTokens(tokens))
	f(both, basic("alice", "one:two"), guard.ReasonNone)
	f(both, "Bearer a", guard.ReasonNone)
	want := []string{
		`Bearer realm="weir", error="insufficient_scope", error_description="the credentials lack the scope that ` +
			`is needed here", scope="metrics:read"`,
		`Basic realm="weir", charset="UTF-8"`,
	}
	if got := both.Challenges(guard.ReasonScope, guard.ScopeMetrics); !slices.Equal(got, want) {
		t.Errorf("challenges: %q, want %q", got, want)
	}
	if neither := load(t, "", nil); neither.Asks() || neither.Challenges(guard.ReasonMissing, guard.ScopeMetrics) != nil {
		t.Error("a guard of nothing asks for credentials")
	}
	if !build(t, "", nil).Asks() {
		t.Error("a guard that has loaded nothing lets everybody in")
	}
}

// A reload changes everything or nothing, and says everything that is wrong.
func TestReload(t *testing.T) {
	tokens := write(t, "tokens.yaml", "tokens: [{name: a, sha256: "+digest("a")+", scopes: ['metrics:read']}]")
	web := write(t, "web.yaml", "basic_auth_users: {alice: "+slowHash(t, "one")+"}\n"+
		"http_server_config: {headers: {X-Frame-Options: deny}}\n")
	g := load(t, web, withTokens(tokens))
	f := func(token, user guard.Reason, headers int) {
		t.Helper()
		if v := authorize(g, "Bearer a"); v.Reason != token {
			t.Errorf("token: %q, want %q", v.Reason, token)
		}
		if v := authorize(g, basic("alice", "one")); v.Reason != user || len(g.Headers()) != headers {
			t.Errorf("user: %q, %d headers, want %q, %d", v.Reason, len(g.Headers()), user, headers)
		}
	}
	f(guard.ReasonNone, guard.ReasonNone, 1)

	rewrite(t, tokens, "tokens:\n- {name: b, sha256: "+digest("b")+", scopes: ['metrics:read']}\n- {name: c}")
	rewrite(t, web, "basic_auth_users: {alice: "+slowHash(t, "two")+", bob: x}")
	wantErrors(t, "reload", g.Load(), tokens+":3: tokens[1]: want one of", web+":1: basic_auth_users.bob: want a bcrypt hash")
	f(guard.ReasonNone, guard.ReasonNone, 1)

	rewrite(t, tokens, "tokens:\n- {name: b, sha256: "+digest("b")+", scopes: ['metrics:read']}")
	rewrite(t, web, "")
	wantErrors(t, "reload", g.Load(), web+": basic_auth_users: to have none any more needs a restart")
	f(guard.ReasonNone, guard.ReasonNone, 1)

	rewrite(t, web, "basic_auth_users: {alice: "+slowHash(t, "two")+"}")
	wantErrors(t, "reload", g.Load())
	f(guard.ReasonUnknown, guard.ReasonUnknown, 0)
}

// Nothing that was sent is in a log, and nothing of a secret in the wrong place is in an error.
func TestSecretsStaySecret(t *testing.T) {
	var log bytes.Buffer
	const secret = "hunter2"
	for _, content := range []string{
		"tokens: [{name: a, sha256: hunter2}]", "tokens: [{name: a, bcrypt: hunter2}]", "tokens: hunter2",
		"tokens: [hunter2]", "tokens: [{name: a, sha256: [hunter2]}]", "hunter2",
	} {
		o := guard.DefaultOptions()
		o.Enabled, o.TokensFile = true, write(t, "tokens.yaml", content)
		err := guard.New(o, "", zerolog.New(&log)).Load()
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: error %v", content, err)
		}
	}
	o := guard.DefaultOptions()
	o.Enabled, o.TokensFile = true, write(t, "tokens.yaml", "tokens: [{name: a, sha256: "+digest("a")+"}]")
	g := guard.New(o, "", zerolog.New(&log))
	if err := g.Load(); err != nil {
		t.Fatal(err)
	}
	v := authorize(g, "Bearer "+secret)
	if text := fmt.Sprint(v, v.Reason, v.Reason.Text(), g.Challenges(v.Reason, guard.ScopeMetrics), g.Stats(), log.String()); strings.Contains(text, secret) {
		t.Errorf("the secret is in %s", text)
	}
}

func TestValidate(t *testing.T) {
	f := func(key string, change func(*guard.Options)) {
		t.Helper()
		o := guard.DefaultOptions()
		change(&o)
		if err := o.Validate(); err == nil || !strings.HasPrefix(err.Error(), "authentication."+key+": ") {
			t.Errorf("Validate() = %v, want a mistake in %s", err, key)
		}
	}
	f("enabled", func(o *guard.Options) { o.Enabled = true })
	f("scopes.metrics", func(o *guard.Options) { o.Scopes.Metrics = `a"b` })
	f("jwt.jwks_file", func(o *guard.Options) { o.JWT.JWKSFile, o.JWT.KeyFile = "a", "b" })
	f("jwt.leeway", func(o *guard.Options) { o.JWT.Leeway = -1 })
}
