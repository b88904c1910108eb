package guard_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"weir/expose/guard"
)

func rsaJWK(key *rsa.PrivateKey, id string) map[string]any {
	return map[string]any{
		"kty": "RSA", "kid": id, "use": "sig", "alg": "RS256", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes()),
	}
}

func ecJWK(t testing.TB, key *ecdsa.PrivateKey, id string) map[string]any {
	t.Helper()
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := len(point) / 2
	return map[string]any{
		"kty": "EC", "kid": id, "crv": key.Params().Name, "x": b64(point[1 : half+1]), "y": b64(point[half+1:]), "x5t": "ignored",
	}
}

func edJWK(key ed25519.PrivateKey, id string) map[string]any {
	return map[string]any{"kty": "OKP", "kid": id, "crv": "Ed25519", "x": b64(key.Public().(ed25519.PublicKey))}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func keySet(t testing.TB, keys ...map[string]any) string {
	t.Helper()
	text, err := json.MarshalIndent(map[string]any{"keys": keys}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestKeyFileBad(t *testing.T) {
	i := newIssuer()
	f := func(content, want string) {
		t.Helper()
		path := write(t, "key", content)
		_, err := guard.LoadKey(path)
		wantErrors(t, content, err, path+": "+want)
	}
	block := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	good := publicPEM(t, i.rsa.Public())
	f("", "is a secret of 0 bytes: want at least 32")
	f(strings.Repeat("s", 31)+"\n", "is a secret of 31 bytes")
	f(good+good, "want one key")
	f(good[:len(good)-40], "want a whole block")
	f("x"+good[5:], "want a whole block")
	private, err := x509.MarshalPKCS8PrivateKey(i.ec)
	f(block("PRIVATE KEY", private, err), `is a "PRIVATE KEY": want a PUBLIC KEY`)
	f(block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(i.rsa), nil), `is a "RSA PRIVATE KEY"`)
	f(block("PUBLIC KEY", []byte("junk"), nil), "asn1")
	der, err := x509.MarshalPKIXPublicKey(i.rsa.Public())
	if err != nil {
		t.Fatal(err)
	}
	f(string(der), "is a public key, but not in PEM")
	f(base64.StdEncoding.EncodeToString(der), "is a public key, but not in PEM")
	f("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ", "is a public key, but not in PEM")
	f(keySet(t, edJWK(i.ed, "")), "looks like JSON")
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f(publicPEM(t, large.Public()), "is a key on P-384: want P-256")
	small := &rsa.PublicKey{N: new(big.Int).SetBit(new(big.Int), 1023, 1), E: 65537}
	f(block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(small), nil), "is an RSA key of 1024 bits: want 2048 to 8192")
	_, err = guard.LoadKey("missing.pem")
	wantErrors(t, "a file that is not there", err, "missing.pem: no such file")
}

func TestJWKSBad(t *testing.T) {
	i := newIssuer()
	f := func(content string, want ...string) {
		t.Helper()
		path := write(t, "jwks.json", content)
		for i := range want {
			want[i] = path + ":" + want[i]
		}
		_, err := guard.LoadKeySet(path)
		wantErrors(t, content, err, want...)
	}
	private := edJWK(i.ed, "a")
	private["d"] = b64(i.ed.Seed())
	outside := ecJWK(t, i.ec, "a")
	outside["x"] = b64(bytes.Repeat([]byte{1}, 32))
	f("{\n\"keys\": [}", "2: invalid JSON")
	f("{\n\"keys\": 5}", "2: invalid JSON")
	f("", "1: invalid JSON")
	f("{}", " keys: none for RS256, ES256, EdDSA or HS256")
	f(keySet(t, map[string]any{"kty": "EC", "crv": "P-521"}), " keys: none for")
	f(keySet(t, private), " keys[0]: is a private key (d)")
	f(keySet(t, map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(i.ed.Public().(ed25519.PublicKey)), "alg": "RS256"}),
		" keys[0]: alg: RS256: want EdDSA for this key")
	f(keySet(t, outside), " keys[0]: x, y: invalid EC key, X/Y are not on declared curve")
	f(keySet(t, edJWK(i.ed, "a"), edJWK(i.ed, "a")), ` keys[1]: has the kid "a" of another EdDSA key`)
	f(keySet(t, map[string]any{"kty": "oct", "k": b64([]byte("short"))}, map[string]any{"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
		" keys[0]: is a secret of 5 bytes", " keys[1]: x: invalid Ed25519 public key")
	f(keySet(t, map[string]any{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, map[string]any{"kty": "EC", "crv": "P-256", "x": "+", "y": ""},
		map[string]any{"kty": "RSA", "n": "AQAB"}),
		" keys[0]: is an RSA key of 17 bits", " keys[1]: x, y: illegal base64", " keys[2]: n, e: invalid RSA key, missing n/e values")
	modulus := func(bits int) string { return b64(new(big.Int).SetBit(new(big.Int), bits-1, 1).Bytes()) }
	f(keySet(t, map[string]any{"kty": "RSA", "n": modulus(8193), "e": "AQAB"}, map[string]any{"kty": "RSA", "n": modulus(8192), "e": "Ag"},
		map[string]any{"kty": "RSA", "n": modulus(8192), "e": b64([]byte{1, 0, 0, 0, 0})}),
		" keys[0]: is an RSA key of more than 8192 bits", " keys[1]: is an RSA key with the exponent 2: want 3",
		" keys[2]: ") // too large for an int32, and on 32 bits for an int
	f(keySet(t, map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(make([]byte, 32))}), " keys[0]: x: invalid Ed25519 public key, low-order")
	many := make([]map[string]any, 65)
	for n := range many {
		many[n] = edJWK(i.ed, strconv.Itoa(n))
	}
	f(keySet(t, many...), " keys: 65 of them: want at most 64")
	_, err := guard.LoadKeySet("missing.json")
	wantErrors(t, "a file that is not there", err, "missing.json: no such file")
}
