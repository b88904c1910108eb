package guard_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"weir/expose/guard"
)

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
	g := load(t, "", func(o *guard.Options) { o.Enabled, o.TokensFile, o.Scopes.Metrics = true, file, "" })
	if v := authorize(g, "Bearer a"); v.Reason != guard.ReasonNone {
		t.Errorf("refused: %q", v.Reason)
	}
	if got := g.Challenges(guard.ReasonMissing, guard.ScopeMetrics); !slices.Equal(got, []string{`Bearer realm="weir"`}) {
		t.Errorf("challenges: %q", got)
	}
}

func TestTokensFileBad(t *testing.T) {
	f := func(content string, want ...string) {
		t.Helper()
		for i := range want {
			want[i] = "tokens.yaml:" + want[i]
		}
		_, err := guard.ParseTokens("tokens.yaml", []byte(content))
		wantErrors(t, content, err, want...)
	}
	hash := digest("x")
	f("", " no token would be valid")
	f("# nothing\n", " no token would be valid")
	f("tokens: []", "1: no token would be valid")
	f("tokens: {}", "1: tokens: a section: want a list of tokens")
	f("token: []", "1: token: unknown key: did you mean tokens?")
	f("- name: a", "1: a list: want a section with the keys tokens")
	f("tokens: [{name: a, token: secret}]", "1: tokens[0].token: unknown key: want one of bcrypt, expires, name, scopes, sha256",
		"1: tokens[0]: want one of sha256 and bcrypt")
	f("tokens:\n- sha256: "+hash, "2: tokens[0].name: missing")
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
	f("tokens:"+slow.String(), "2: tokens: 0 with sha256 and 5 with bcrypt: want at most 1024 and 4")
	for i := range 3000 {
		fmt.Fprintf(&slow, "\n- {name: b%d, sha256: %s}", i, digest(strconv.Itoa(i)))
	}
	f("tokens:"+slow.String(), "2: tokens: 1024 with sha256 and 5 with bcrypt: want at most 1024 and 4")
	g := build(t, "", withTokens("missing.yaml"))
	wantErrors(t, "a file that is not there", g.Load(), "missing.yaml: no such file")
}

// What is accepted is what yaml would read into a struct, strictly; what is refused is refused by line.
func FuzzParseTokens(f *testing.F) {
	f.Add("tokens: [{name: a, sha256: " + digest("a") + ", scopes: [a, b], expires: 2030-01-01T00:00:00Z}]")
	f.Add("tokens:\n- name: a\n  bcrypt: $2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234\n")
	f.Add("tokens: &x [*x]")
	f.Add("tokens: [{<<: {name: a}}]")
	f.Add("tokens: [{name: a, name: b, other: c}]\n---\n")
	f.Add("? {}\n: [")
	f.Fuzz(func(t *testing.T, content string) {
		names, err := guard.ParseTokens("f", []byte(content))
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "f:") {
					t.Errorf("error line %q lacks the file", line)
				}
			}
			return
		}
		var file struct {
			Tokens []struct {
				Name, Sha256, Bcrypt string
				Scopes               []string
				Expires              time.Time
			}
		}
		decoder := yaml.NewDecoder(bytes.NewReader([]byte(content)))
		decoder.KnownFields(true)
		if err := decoder.Decode(&file); err != nil {
			t.Fatalf("accepted, but: %v", err)
		}
		var want []string
		for _, k := range file.Tokens {
			want = append(want, k.Name)
		}
		slices.Sort(names)
		if slices.Sort(want); !slices.Equal(names, want) {
			t.Errorf("names %q, want %q", names, want)
		}
	})
}
