package guard_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"weir/expose/guard"
)

// issuer has a key of each algorithm.
type issuer struct {
	rsa    *rsa.PrivateKey
	ec     *ecdsa.PrivateKey
	ed     ed25519.PrivateKey
	secret []byte
}

var newIssuer = sync.OnceValue(func() *issuer {
	i := &issuer{secret: []byte(strings.Repeat("s", 32))}
	var err error
	if i.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	if i.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		panic(err)
	}
	if _, i.ed, err = ed25519.GenerateKey(rand.Reader); err != nil {
		panic(err)
	}
	return i
})

// publicPEM is a public key as openssl writes it.
func publicPEM(t testing.TB, public crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// goodClaims lets a token in at noon.
func goodClaims(changes ...any) jwt.MapClaims {
	c := jwt.MapClaims{"exp": noon.Add(time.Minute).Unix(), "scope": "metrics:read", "iss": "me", "aud": "weir"}
	for i := 0; i < len(changes); i += 2 {
		name := changes[i].(string)
		if c[name] = changes[i+1]; changes[i+1] == nil {
			delete(c, name)
		}
	}
	return c
}

// sign signs a token; header has more of its header.
func sign(t testing.TB, method jwt.SigningMethod, key any, c jwt.MapClaims, header ...any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	for i := 0; i < len(header); i += 2 {
		token.Header[header[i].(string)] = header[i+1]
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func withJWT(change func(*guard.JWT)) func(*guard.Options) {
	return func(o *guard.Options) {
		o.Enabled = true
		o.JWT.Issuer, o.JWT.Audience = "me", "weir"
		change(&o.JWT)
	}
}

func jwtGuard(t testing.TB, content string) *guard.Guard {
	t.Helper()
	path := write(t, "key", content)
	return load(t, "", withJWT(func(j *guard.JWT) { j.KeyFile = path }))
}

func wantToken(t testing.TB, g *guard.Guard, token string, want guard.Reason) {
	t.Helper()
	if v := authorize(g, "Bearer "+token); v.Reason != want {
		header, _, _ := strings.Cut(token, ".")
		text, _ := base64.RawURLEncoding.DecodeString(header)
		t.Errorf("a token with header %s: %q, want %q", text, v.Reason, want)
	}
}

func TestJWTClaims(t *testing.T) {
	i := newIssuer()
	g := jwtGuard(t, string(i.secret)+"\n")
	f := func(want guard.Reason, changes ...any) {
		t.Helper()
		if v := authorize(g, "Bearer "+sign(t, jwt.SigningMethodHS256, i.secret, goodClaims(changes...))); v.Reason != want {
			t.Errorf("with %v: %q, want %q", changes, v.Reason, want)
		}
	}
	f(guard.ReasonNone)
	f(guard.ReasonNone, "scope", "other metrics:read")
	f(guard.ReasonNone, "scope", []string{"metrics:read"})
	f(guard.ReasonNone, "scope", nil, "scopes", []string{"a", "metrics:read"})
	f(guard.ReasonNone, "scope", nil, "scp", "metrics:read")
	f(guard.ReasonScope, "scope", nil)
	f(guard.ReasonScope, "scope", "metrics:readers metrics")
	f(guard.ReasonScope, "scope", []string{"a metrics:read"})
	f(guard.ReasonUnknown, "scope", 5)
	f(guard.ReasonNone, "aud", []string{"x", "weir"})
	f(guard.ReasonClaims, "aud", "x")
	f(guard.ReasonClaims, "aud", nil)
	f(guard.ReasonClaims, "iss", "you")
	f(guard.ReasonClaims, "iss", nil)
	f(guard.ReasonClaims, "exp", nil)
	f(guard.ReasonUnknown, "exp", "tomorrow")
	f(guard.ReasonUnknown, "exp", strconv.FormatInt(noon.Add(time.Minute).Unix(), 10)) // a date is a number
	f(guard.ReasonUnknown, "nbf", strconv.FormatInt(noon.Unix(), 10))
	f(guard.ReasonUnknown, "iat", strconv.FormatInt(noon.Unix(), 10))
	// The default leeway is 30 seconds.
	at := func(after time.Duration) int64 { return noon.Add(after).Unix() }
	f(guard.ReasonNone, "exp", at(-29*time.Second))
	f(guard.ReasonExpired, "exp", at(-31*time.Second))
	f(guard.ReasonNone, "nbf", at(30*time.Second))
	f(guard.ReasonClaims, "nbf", at(31*time.Second))
	f(guard.ReasonNone, "iat", at(time.Hour))
}

// A token is only good with the algorithm of the key, whatever its header says.
func TestJWTAlgorithms(t *testing.T) {
	i := newIssuer()
	public := map[string]string{
		"RS256": publicPEM(t, i.rsa.Public()), "ES256": publicPEM(t, i.ec.Public()), "EdDSA": publicPEM(t, i.ed.Public()),
		"HS256": string(i.secret),
	}
	private := map[string]any{"RS256": i.rsa, "ES256": i.ec, "EdDSA": i.ed, "HS256": i.secret}
	for algorithm, content := range public {
		g := jwtGuard(t, content)
		for method, key := range private {
			want := guard.ReasonUnknown
			if method == algorithm {
				want = guard.ReasonNone
			}
			wantToken(t, g, sign(t, jwt.GetSigningMethod(method), key, goodClaims()), want)
		}
		wantToken(t, g, sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, goodClaims()), guard.ReasonUnknown)
		// The classic: whoever knows the public key signs with it as a secret.
		for _, secret := range []string{content, strings.TrimSpace(content), ""} {
			if algorithm != "HS256" {
				wantToken(t, g, sign(t, jwt.SigningMethodHS256, []byte(secret), goodClaims()), guard.ReasonUnknown)
			}
		}
	}
	rs := jwtGuard(t, public["RS256"])
	for _, method := range []jwt.SigningMethod{jwt.SigningMethodRS512, jwt.SigningMethodPS256} {
		wantToken(t, rs, sign(t, method, i.rsa, goodClaims()), guard.ReasonUnknown)
	}
	wantToken(t, jwtGuard(t, public["HS256"]), sign(t, jwt.SigningMethodHS512, i.secret, goodClaims()), guard.ReasonUnknown)
	wantToken(t, rs, sign(t, jwt.SigningMethodRS256, i.rsa, goodClaims(), "kid", "any"), guard.ReasonNone)
	wantToken(t, rs, sign(t, jwt.SigningMethodRS256, i.rsa, goodClaims(), "crit", []string{"b64"}), guard.ReasonUnknown)

	// A key that the token brings along is not looked at.
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	forged := sign(t, jwt.SigningMethodRS256, other, goodClaims(), "jwk", rsaJWK(other, ""), "jku", "https://example.org/")
	wantToken(t, rs, forged, guard.ReasonUnknown)
}

// What was tampered with, or is no token at all, is refused.
func TestJWTMalformed(t *testing.T) {
	i := newIssuer()
	g := jwtGuard(t, publicPEM(t, i.ec.Public()))
	good := sign(t, jwt.SigningMethodES256, i.ec, goodClaims())
	wantToken(t, g, good, guard.ReasonNone)
	parts := strings.Split(good, ".")
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"exp":9999999999,"scope":"metrics:read","iss":"me","aud":"weir"}`))
	for _, token := range []string{
		"..", "a.b.c", parts[0] + "." + parts[1] + ".", parts[0] + ".." + parts[2], "." + parts[1] + "." + parts[2],
		parts[0] + "." + claims + "." + parts[2], good + "=", good + ".", good[:len(good)-1], parts[1] + "." + parts[0] + "." + parts[2],
		strings.Repeat(".", 4000), "e30.e30.", "bnVsbA.bnVsbA.bnVsbA",
		base64.RawURLEncoding.EncodeToString([]byte(`{"alg":5}`)) + "." + parts[1] + "." + parts[2],
	} {
		wantToken(t, g, token, guard.ReasonUnknown)
	}
	// Two zeros for a signature fit every key of a careless verifier (CVE-2022-21449).
	zero := base64.RawURLEncoding.EncodeToString(make([]byte, 64))
	wantToken(t, g, parts[0]+"."+claims+"."+zero, guard.ReasonUnknown)
}

// A token names its key by kid; without one it must be clear which key is meant.
func TestJWKS(t *testing.T) {
	i := newIssuer()
	second, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, "jwks.json", keySet(t, rsaJWK(i.rsa, "r"), ecJWK(t, i.ec, "e1"), ecJWK(t, second, "e2"), edJWK(i.ed, "d"),
		map[string]any{"kty": "oct", "kid": "h", "k": b64(i.secret)}, map[string]any{"kty": "RSA", "use": "enc", "kid": "r"}))
	g := load(t, "", withJWT(func(j *guard.JWT) { j.JWKSFile = path }))
	f := func(want guard.Reason, method jwt.SigningMethod, key any, header ...any) {
		t.Helper()
		wantToken(t, g, sign(t, method, key, goodClaims(), header...), want)
	}
	f(guard.ReasonNone, jwt.SigningMethodRS256, i.rsa, "kid", "r")
	f(guard.ReasonNone, jwt.SigningMethodRS256, i.rsa)
	f(guard.ReasonNone, jwt.SigningMethodES256, i.ec, "kid", "e1")
	f(guard.ReasonNone, jwt.SigningMethodES256, second, "kid", "e2")
	f(guard.ReasonNone, jwt.SigningMethodEdDSA, i.ed, "kid", "d")
	f(guard.ReasonNone, jwt.SigningMethodHS256, i.secret, "kid", "h")
	f(guard.ReasonUnknown, jwt.SigningMethodES256, i.ec)              // there are two
	f(guard.ReasonUnknown, jwt.SigningMethodES256, i.ec, "kid", "e2") // another key
	f(guard.ReasonUnknown, jwt.SigningMethodES256, i.ec, "kid", "r")  // of another algorithm
	f(guard.ReasonUnknown, jwt.SigningMethodRS256, i.rsa, "kid", "x") // of nobody
	f(guard.ReasonUnknown, jwt.SigningMethodRS256, i.rsa, "kid", "")  // of nobody
	f(guard.ReasonUnknown, jwt.SigningMethodHS256, i.secret, "kid", 5)
}
