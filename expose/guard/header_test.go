package guard_test

import (
	"net/http"
	"regexp"
	"testing"

	"weir/expose/guard"
)

// A bearer token is what a pattern says, and a user with a password is what net/http says.
func FuzzParseAuthorization(f *testing.F) {
	for _, seed := range []string{
		"", "Bearer", "Bearer ", "Bearer a", "bearer  a ", "Bearer a b", "Bearer\ta", "Basic", "Basic Og==", "Basic YTpi",
		"Basic YTpi\n", "basic YTpiOmM=", "Basic YQ==", "Basic Y Tpi", "Digest a=b", " Bearer a", "Bearer a\x7f", "\xff", "Basic YTpi ",
	} {
		f.Add(seed)
	}
	bearer := regexp.MustCompile(`^[ \t]*(?i:bearer)(?: [ \t]*([!-~]+)[ \t]*)$`)
	f.Fuzz(func(t *testing.T, value string) {
		scheme, user, secret, ok := guard.ParseAuthorization([]byte(value))
		token := ""
		if m := bearer.FindSubmatch([]byte(value)); m != nil {
			token = string(m[1])
		}
		if isBearer := scheme == "bearer" && ok; isBearer != (token != "") || isBearer && secret != token {
			t.Errorf("ParseAuthorization(%q) = %s %q %v, want token %q", value, scheme, secret, ok, token)
		}
		r := http.Request{Header: http.Header{"Authorization": {value}}}
		if wantUser, wantPassword, want := r.BasicAuth(); want && (scheme != "basic" || !ok || user != wantUser || secret != wantPassword) {
			t.Errorf("ParseAuthorization(%q) = %s %q %q %v, want %q %q", value, scheme, user, secret, ok, wantUser, wantPassword)
		}
	})
}
