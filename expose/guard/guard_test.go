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
	g.Passwords().SetLimit(1e9) // nobody waits
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
	return g.Authorize(values, client)
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

func TestTokens(t *testing.T) {
	file := write(t, "tokens.yaml", `tokens:
- {name: scraper, sha256: `+digest("good")+`, scopes: ["metrics:read", other]}
- {name: upper, sha256: `+strings.ToUpper(digest("upper"))+`, scopes: ["metrics:read"]}
- {name: other, sha256: `+digest("other")+`, scopes: [other]}
- {name: none, sha256: `+digest("none")+`}
- {name: lasting, sha256: `+digest("lasting")+`, scopes: ["metrics:read"], expires: 2026-07-01T14:00:01+02:00}
- {name: over, sha256: `+digest("over")+`, scopes: ["metrics:read"], expires: 2026-07-01T12:00:00Z}
- {name: slow, bcrypt: "`+slowHash(t, "slow")+`", scopes: ["metrics:read"]}
- {name: late, bcrypt: "`+slowHash(t, "late")+`", scopes: ["metrics:read"], expires: 2020-01-01T00:00:00Z}
- {name: long, bcrypt: "`+slowHash(t, strings.Repeat("l", 72))+`", scopes: ["metrics:read"]}
`)
	g := load(t, "", withTokens(file))
	f := func(authorization string, reason guard.Reason, name string) {
		t.Helper()
		want := guard.Verdict{Reason: reason, Name: name}
		for range 2 { // the second time from memory
			if got := authorize(g, authorization); got != want {
				t.Errorf("Authorize(%q) = %q %q, want %q %q", authorization, got.Reason, got.Name, reason, name)
			}
		}
	}
	f("Bearer good", guard.ReasonNone, "scraper")
	f("bEARER   good  ", guard.ReasonNone, "scraper")
	f("Bearer upper", guard.ReasonNone, "upper")
	f("Bearer lasting", guard.ReasonNone, "lasting")
	f("Bearer slow", guard.ReasonNone, "slow")
	f("Bearer "+strings.Repeat("l", 72), guard.ReasonNone, "long")
	f("Bearer other", guard.ReasonScope, "other")
	f("Bearer none", guard.ReasonScope, "none")
	f("Bearer over", guard.ReasonExpired, "over")
	f("Bearer late", guard.ReasonExpired, "late")
	f("Bearer wrong", guard.ReasonUnknown, "")
	f("Bearer goo", guard.ReasonUnknown, "")
	f("Bearer goodx", guard.ReasonUnknown, "")
	f("Bearer GOOD", guard.ReasonUnknown, "")
	f("Bearer "+digest("good"), guard.ReasonUnknown, "")
	f("Bearer "+strings.Repeat("l", 73), guard.ReasonUnknown, "") // bcrypt alone would take it
	f("Bearer a.b.c", guard.ReasonUnknown, "")
	f("Bearer", guard.ReasonMalformed, "")
	f("Bearer ", guard.ReasonMalformed, "")
	f("Bearer two words", guard.ReasonMalformed, "")
	f("Bearer good\x00", guard.ReasonMalformed, "")
	f("", guard.ReasonMalformed, "")
	f("good", guard.ReasonScheme, "")
	f("Bearer=good", guard.ReasonScheme, "")
	f("Digest good", guard.ReasonScheme, "")
	f(basic("scraper", "good"), guard.ReasonScheme, "")
	f("Basic !", guard.ReasonMalformed, "")
	if v := authorize(g); v.Reason != guard.ReasonMissing {
		t.Errorf("no header: %q", v.Reason)
	}
	if v := authorize(g, "Bearer good", "Bearer good"); v.Reason != guard.ReasonMalformed {
		t.Errorf("two headers: %q", v.Reason)
	}
	if stats := g.Stats(); stats.Failures["scope"] != 4 || stats.Failures["missing"] != 1 || len(stats.Failures) != 8 {
		t.Errorf("counted %v", stats.Failures)
	}
}

// Without a required scope any token that is known will do.
func TestNoScopeRequired(t *testing.T) {
	file := write(t, "tokens.yaml", "tokens: [{name: a, sha256: "+digest("a")+"}]")
	g := load(t, "", func(o *guard.Options) { o.Enabled, o.TokensFile, o.RequiredScope = true, file, "" })
	if v := authorize(g, "Bearer a"); v.Reason != guard.ReasonNone {
		t.Errorf("refused: %q", v.Reason)
	}
	if got := g.Challenges(guard.ReasonMissing); !slices.Equal(got, []string{`Bearer realm="weir"`}) {
		t.Errorf("challenges: %q", got)
	}
}

func TestTokensFileBad(t *testing.T) {
	f := func(content string, want ...string) {
		t.Helper()
		path := write(t, "tokens.yaml", content)
		for i := range want {
			want[i] = path + ":" + want[i]
		}
		_, err := guard.LoadTokens(path)
		wantErrors(t, content, err, want...)
	}
	hash := digest("x")
	f("", " no token would be valid")
	f("# nothing\n", " no token would be valid")
	f("tokens: []", "1: tokens: no token would be valid")
	f("tokens: {}", "1: tokens: want a list")
	f("token: []", `1: unknown key "token": want tokens`)
	f("- name: a", "1: want a section with the keys tokens")
	f("tokens: [{name: a, token: secret}]", `1: tokens[0]: unknown key "token": want bcrypt, expires, name, scopes, sha256`,
		"1: tokens[0]: want one of sha256 and bcrypt")
	f("tokens:\n- sha256: "+hash, "2: tokens[0]: name: missing")
	f("tokens:\n- {name: '', sha256: "+hash+"}", "2: tokens[0].name: want text")
	f("tokens:\n- name: a\n  sha256: secret\n", "3: tokens[0].sha256: want the 64 hex digits")
	f("tokens:\n- name: a\n  sha256: "+hash[:63]+"\n", "3: tokens[0].sha256: want the 64 hex digits")
	f("tokens:\n- name: a\n  sha256: "+hash+"0a\n", "3: tokens[0].sha256: want the 64 hex digits")
	f("tokens:\n- name: a\n  bcrypt: secret\n", "3: tokens[0].bcrypt: want a bcrypt hash")
	f("tokens:\n- name: a\n  bcrypt: $2a$31$"+strings.Repeat("a", 53), "3: tokens[0].bcrypt: a cost of 31: want at most 14")
	f("tokens:\n- {name: a, sha256: "+hash+", bcrypt: "+slowHash(t, "x")+"}", "2: tokens[0]: want one of")
	f("tokens:\n- {name: a, sha256: "+hash+"}\n- {name: b, sha256: "+strings.ToUpper(hash)+"}", "3: tokens[1]: has the name or")
	f("tokens:\n- {name: a, sha256: "+hash+"}\n- {name: a, sha256: "+digest("y")+"}", "3: tokens[1]: has the name or")
	f("tokens:\n- {name: a, name: b, sha256: "+hash+"}", "2: tokens[0].name: given twice")
	f("tokens:\n- {name: a, sha256: "+hash+", scopes: metrics}", "2: tokens[0].scopes: want a list")
	f("tokens:\n- {name: a, sha256: "+hash+", scopes: ['a b']}", `2: tokens[0].scopes: "a b": want scopes like`)
	f("tokens:\n- {name: a, sha256: "+hash+", expires: 2030-01-01}", `2: tokens[0].expires: "2030-01-01": want a time like`)
	f("tokens: [\n", "1: invalid YAML: ")
	f("tokens: [{name: a, sha256: "+hash+"}]\n---\na: 1", "2: a second YAML document")
	f("tokens: *x", " invalid YAML: unknown anchor")
	var slow strings.Builder
	for i := range 5 {
		fmt.Fprintf(&slow, "\n- {name: a%d, bcrypt: %s}", i, slowHash(t, "x"))
	}
	f("tokens:"+slow.String(), "1: tokens: 0 with sha256 and 5 with bcrypt: want at most 1024 and 4")
	_, err := guard.LoadTokens("missing.yaml")
	wantErrors(t, "a file that is not there", err, "missing.yaml: no such file")
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
	if got := alone.Challenges(guard.ReasonUnknown); !slices.Equal(got, []string{`Basic realm="weir", charset="UTF-8"`}) {
		t.Errorf("challenges: %q", got)
	}
	both := load(t, web, withTokens(tokens))
	f(both, basic("alice", "one:two"), guard.ReasonNone)
	f(both, "Bearer a", guard.ReasonNone)
	want := []string{
		`Bearer realm="weir", error="insufficient_scope", error_description="the token lacks the scope that is ` +
			`needed here", scope="metrics:read"`,
		`Basic realm="weir", charset="UTF-8"`,
	}
	if got := both.Challenges(guard.ReasonScope); !slices.Equal(got, want) {
		t.Errorf("challenges: %q, want %q", got, want)
	}
	if neither := load(t, "", nil); neither.Asks() || neither.Challenges(guard.ReasonMissing) != nil {
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
	if text := fmt.Sprint(v, v.Reason, v.Reason.Text(), g.Challenges(v.Reason), g.Stats(), log.String()); strings.Contains(text, secret) {
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
	f("required_scope", func(o *guard.Options) { o.RequiredScope = `a"b` })
	f("jwt.jwks_file", func(o *guard.Options) { o.JWT.JWKSFile, o.JWT.KeyFile = "a", "b" })
	f("jwt.leeway", func(o *guard.Options) { o.JWT.Leeway = -1 })
}
