package guard_test

import (
	"net/netip"
	"strings"
	"testing"

	"weir/expose/guard"
)

// A token opens the scopes of its list, and a user all but the administrator's, unless the user is one.
func TestScopes(t *testing.T) {
	tokens := write(t, "tokens.yaml", "tokens:\n"+
		"- {name: m, sha256: "+digest("m")+", scopes: ['metrics:read']}\n"+
		"- {name: all, sha256: "+digest("all")+", scopes: ['metrics:read', 'status:read', admin]}\n"+
		"- {name: none, sha256: "+digest("none")+"}\n")
	web := write(t, "web.yaml", "basic_auth_users:\n  alice: "+slowHash(t, "a")+"\n  bob: "+slowHash(t, "b")+"\n")
	g := load(t, web, func(o *guard.Options) {
		o.Enabled, o.TokensFile, o.Admins = true, tokens, []string{"alice"}
	})
	for authorization, want := range map[string]string{
		"Bearer m": "yes no no", "Bearer all": "yes yes yes", "Bearer none": "no no no",
		basic("alice", "a"): "yes yes yes", basic("bob", "b"): "yes yes no",
	} {
		var got []string
		for _, scope := range []guard.Scope{guard.ScopeMetrics, guard.ScopeStatus, guard.ScopeAdmin} {
			switch v := g.Authorize([][]byte{[]byte(authorization)}, scope, netip.Addr{}); v.Reason {
			case guard.ReasonNone:
				got = append(got, "yes")
			case guard.ReasonScope:
				got = append(got, "no")
			default:
				t.Errorf("%s: %v", authorization, v)
			}
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s, want %s", authorization, text, want)
		}
	}
	if !g.OpensShell() || load(t, web, nil).OpensShell() {
		t.Error("the shell is open with tokens, and only with them")
	}
}

func TestCertificateScopes(t *testing.T) {
	g := load(t, "", func(o *guard.Options) { o.Admins = []string{"ops"} })
	for name, want := range map[string]guard.Reason{"ops": guard.ReasonNone, "scraper": guard.ReasonScope, "": guard.ReasonScope} {
		if v := g.AuthorizeCertificate(name, guard.ScopeAdmin); v.Reason != want || v.Name != name {
			t.Errorf("%q: %v", name, v)
		}
		if v := g.AuthorizeCertificate(name, guard.ScopeStatus); v.Reason != guard.ReasonNone {
			t.Errorf("%q may not look: %v", name, v)
		}
	}
}

// Administrators have a scope of their own: otherwise whoever reads metrics could stop weir.
func TestScopeMistakes(t *testing.T) {
	for want, change := range map[string]func(*guard.Options){
		"authentication.scopes.metrics: ":               func(o *guard.Options) { o.Scopes.Metrics = "a b" },
		"authentication.scopes.status: ":                func(o *guard.Options) { o.Scopes.Status = `"` },
		"authentication.scopes.admin: ":                 func(o *guard.Options) { o.Scopes.Admin = "" },
		"authentication.scopes.admin: \"metrics:read\"": func(o *guard.Options) { o.Scopes.Admin = "metrics:read" },
	} {
		o := guard.DefaultOptions()
		change(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	o := guard.DefaultOptions()
	o.Scopes.Metrics, o.Scopes.Status = "", ""
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
}
