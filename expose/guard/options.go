package guard

import (
	"strings"
	"time"

	"weir/internal/mistake"
)

// Options say who may use the endpoint by a bearer token.
type Options struct {
	// Enabled asks for a bearer token, or for one of the users in endpoint.web_config_file.
	Enabled bool `koanf:"enabled"`
	// Scopes are the scopes that a token must have, by what it is used for.
	Scopes Scopes `koanf:"scopes"`
	// Admins are the users of basic authentication, and the common names of client certificates, that may
	// also do what needs the scope for administrators. All others of them may read.
	Admins []string `koanf:"admins"`
	// AllowHealthUnauthenticated leaves the health routes open, for probes that have no token.
	AllowHealthUnauthenticated bool `koanf:"allow_health_unauthenticated"`
	// TokensFile is the path of a YAML file of hashed tokens; empty means none.
	TokensFile string `koanf:"tokens_file"`
	// JWT says which JSON Web Tokens are accepted; none while it has no key.
	JWT JWT `koanf:"jwt"`
}

// JWT says which JSON Web Tokens are accepted.
type JWT struct {
	// KeyFile is the path of the one key: a public key or certificate in PEM (RSA: RS256, EC P-256: ES256,
	// Ed25519: EdDSA) or the secret of HS256, at least 32 bytes.
	KeyFile string `koanf:"key_file"`
	// JWKSFile is the path of a JSON Web Key Set (RFC 7517), when there are several keys; not with KeyFile.
	JWKSFile string `koanf:"jwks_file"`
	// Issuer is what the claim iss must be; empty means that it is not looked at.
	Issuer string `koanf:"issuer"`
	// Audience is what the claim aud must contain; empty means that it is not looked at.
	Audience string `koanf:"audience"`
	// Leeway is how far the clock of the issuer may be off; 0s to 10m.
	Leeway time.Duration `koanf:"leeway"`
}

// hasKey reports whether tokens can be verified.
func (j *JWT) hasKey() bool { return j.KeyFile != "" || j.JWKSFile != "" }

// DefaultOptions returns the documented defaults.
func DefaultOptions() Options {
	return Options{
		Scopes:                     Scopes{Metrics: "metrics:read", Status: "status:read", Admin: "admin"},
		Admins:                     []string{},
		AllowHealthUnauthenticated: true,
		JWT:                        JWT{Leeway: 30 * time.Second},
	}
}

// Validate returns every mistake in o joined, each a [mistake.Mistake]; nil without any. It reads no
// file.
func (o *Options) Validate() error {
	m := mistake.List{Section: "authentication"}
	m.Check(!o.Enabled || o.TokensFile != "" || o.JWT.hasKey(), "enabled", true, "no token would be valid: "+
		"set authentication.tokens_file, authentication.jwt.key_file or authentication.jwt.jwks_file")
	o.Scopes.check(&m)
	j := &o.JWT
	m.Check(j.KeyFile == "" || j.JWKSFile == "", "jwt.jwks_file", j.JWKSFile,
		"authentication.jwt.key_file is set too: want only one")
	m.Check(j.Leeway >= 0 && j.Leeway <= 10*time.Minute, "jwt.leeway", j.Leeway, "want 0s to 10m")
	return m.Err()
}

// isScope reports whether s is a scope-token of RFC 6749, appendix A.4.
func isScope(s string) bool {
	foreign := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }
	return s != "" && !strings.ContainsFunc(s, foreign)
}
