package guard

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

const (
	// minSecretBytes is the shortest secret of HS256, by RFC 7518, section 3.2.
	minSecretBytes = 32

	// minRSABits and maxRSABits are the sizes of an RSA key, the lower by RFC 7518, section 3.3; the upper
	// bounds what a signature costs.
	minRSABits, maxRSABits = 2048, 8192

	maxKeys = 64 // of a key set
)

// key verifies the signatures of JWTs. Its algorithm follows from what it is, never from a token: that an RSA
// key, which everybody may know, is taken for the secret of HS256 is the classic attack on JWTs.
type key struct {
	algorithm string // RS256, ES256, EdDSA or HS256
	id        string // kid; only of a key set
	material  crypto.PublicKey
}

// loadKey reads the file of the one key.
func loadKey(path string) (key, error) {
	content, err := readFile(path)
	if err != nil {
		return key{}, err
	}
	k, err := parseKey(content)
	if err != nil {
		return key{}, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

// parseKey tells a public key from a secret: what could be any form of a key that is not PEM is refused, so
// that it never becomes a secret.
func parseKey(content []byte) (key, error) {
	content = bytes.TrimSpace(content)
	if bytes.Contains(content, []byte("-----")) {
		return parsePEM(content)
	}
	switch {
	case bytes.HasPrefix(content, []byte("{")):
		return key{}, errors.New("looks like JSON: a key set belongs in authentication.jwt.jwks_file")
	case bytes.HasPrefix(content, []byte("ssh-")), bytes.HasPrefix(content, []byte("ecdsa-")), isDER(content):
		return key{}, errors.New("is a public key, but not in PEM: want -----BEGIN PUBLIC KEY-----")
	}
	return newSecret(content)
}

// isDER reports whether content is a key in binary, or in base64 without the lines around it.
func isDER(content []byte) bool {
	lines := bytes.ReplaceAll(content, []byte("\n"), nil)
	decoded, err := base64.StdEncoding.AppendDecode(nil, lines)
	for _, der := range [][]byte{content, decoded} {
		_, pkix := x509.ParsePKIXPublicKey(der)
		_, pkcs1 := x509.ParsePKCS1PublicKey(der)
		_, certificate := x509.ParseCertificate(der)
		if pkix == nil || pkcs1 == nil || certificate == nil {
			return true
		}
		if err != nil {
			break
		}
	}
	return false
}

func parsePEM(content []byte) (key, error) {
	block, rest := pem.Decode(content)
	if block == nil {
		return key{}, errors.New("want a whole block of PEM, -----BEGIN PUBLIC KEY-----")
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return key{}, errors.New("want one key: several belong in authentication.jwt.jwks_file")
	}
	switch block.Type {
	case "PUBLIC KEY":
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return key{}, err
		}
		return newPublic(public)
	case "RSA PUBLIC KEY":
		public, err := x509.ParsePKCS1PublicKey(block.Bytes)
		if err != nil {
			return key{}, err
		}
		return newPublic(public)
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return key{}, err
		}
		return newPublic(certificate.PublicKey)
	default:
		return key{}, fmt.Errorf("is a %.40q: want a PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE; "+
			"weir needs no private key", block.Type)
	}
}

// newPublic returns the key of one algorithm that public is for.
func newPublic(public crypto.PublicKey) (key, error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return key{}, fmt.Errorf("is an RSA key of %d bits: want %d to %d", bits, minRSABits, maxRSABits)
		}
		return key{algorithm: "RS256", material: k}, nil
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return key{}, fmt.Errorf("is a key on %s: want P-256, for ES256", k.Curve.Params().Name)
		}
		return key{algorithm: "ES256", material: k}, nil
	case ed25519.PublicKey:
		return key{algorithm: "EdDSA", material: k}, nil
	default:
		return key{}, fmt.Errorf("is a %T: want a key of RSA, P-256 or Ed25519", public)
	}
}

func newSecret(secret []byte) (key, error) {
	if len(secret) < minSecretBytes {
		return key{}, fmt.Errorf("is a secret of %d bytes: want at least %d", len(secret), minSecretBytes)
	}
	return key{algorithm: "HS256", material: secret}, nil
}

// jwk is a JSON Web Key, by RFC 7517, section 4, and RFC 7518, section 6. Members that are not known are
// ignored, as it says.
type jwk struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Curve     string `json:"crv"`
	N, E      string
	X, Y      string
	K         string
	Private   string `json:"d"`
}

// loadKeySet reads a JSON Web Key Set. Keys for other algorithms and uses are left out; the error has every
// mistake in the others.
func loadKeySet(path string) ([]key, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	var set struct{ Keys []jwk }
	if err := json.Unmarshal(content, &set); err != nil {
		return nil, fmt.Errorf("%s:%d: invalid JSON: %w", path, lineOf(content, err), err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("%s: keys: %d of them: want at most %d", path, len(set.Keys), maxKeys)
	}
	var keys []key
	var errs []error
	for i := range set.Keys {
		j := &set.Keys[i]
		k, err := j.parse()
		same := func(o key) bool { return o.id == k.id && o.algorithm == k.algorithm }
		switch {
		case errors.Is(err, errForeign):
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: keys[%d]: %w", path, i, err))
		case slices.ContainsFunc(keys, same):
			errs = append(errs, fmt.Errorf("%s: keys[%d]: has the kid %.40q of another %s key: "+
				"want each once", path, i, k.id, k.algorithm))
		default:
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 && len(errs) == 0 {
		return nil, fmt.Errorf("%s: keys: none for RS256, ES256, EdDSA or HS256: "+
			"no token would be valid", path)
	}
	return keys, errors.Join(errs...)
}

// lineOf returns the line of an error of encoding/json, 1 when it does not tell.
func lineOf(content []byte, err error) int {
	var offset int64
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	} else if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = typ.Offset
	}
	return 1 + bytes.Count(content[:min(offset, int64(len(content)))], []byte("\n"))
}

// errForeign means a key that is none of ours to read.
var errForeign = errors.New("key for something else")

// parse returns the key, or errForeign.
func (j *jwk) parse() (key, error) {
	algorithms := []string{"", "RS256", "ES256", "EdDSA", "HS256"}
	if j.Use != "" && j.Use != "sig" || !slices.Contains(algorithms, j.Algorithm) {
		return key{}, errForeign
	}
	k, err := j.material()
	if err == nil && j.Algorithm != "" && j.Algorithm != k.algorithm {
		err = fmt.Errorf("alg: %s: want %s for this key", j.Algorithm, k.algorithm)
	}
	if err == nil && j.Private != "" {
		err = errors.New("is a private key (d): want the public half alone")
	}
	k.id = j.ID
	return k, err
}

func (j *jwk) material() (key, error) {
	switch j.Type + " " + j.Curve {
	case "RSA ":
		n, e, err := decodePair(j.N, j.E)
		if err != nil || len(e) == 0 || len(e) > 4 {
			return key{}, errors.New("n, e: want base64url of an RSA key")
		}
		exponent := int(new(big.Int).SetBytes(e).Int64())
		return newPublic(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: exponent})
	case "EC P-256":
		x, y, err := decodePair(j.X, j.Y)
		if err != nil || len(x) != 32 || len(y) != 32 {
			return key{}, errors.New("x, y: want base64url of 32 bytes each")
		}
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err != nil {
			return key{}, errors.New("x, y: not on the curve P-256")
		}
		return newPublic(public)
	case "OKP Ed25519":
		x, _, err := decodePair(j.X, "")
		if err != nil || len(x) != ed25519.PublicKeySize {
			return key{}, errors.New("x: want base64url of 32 bytes")
		}
		return newPublic(ed25519.PublicKey(x))
	case "oct ":
		k, _, err := decodePair(j.K, "")
		if err != nil {
			return key{}, errors.New("k: want base64url")
		}
		return newSecret(k)
	default:
		return key{}, errForeign
	}
}

func decodePair(a, b string) (first, second []byte, err error) {
	first, err = base64.RawURLEncoding.DecodeString(a)
	if err == nil {
		second, err = base64.RawURLEncoding.DecodeString(b)
	}
	return first, second, err
}
