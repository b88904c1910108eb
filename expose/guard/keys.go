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
	"encoding/pem"
	"errors"
	"fmt"
	"math"
)

const (
	// minSecretBytes is the shortest secret of HS256, by RFC 7518, section 3.2.
	minSecretBytes = 32

	// minRSABits and maxRSABits are the sizes of an RSA key, the lower by RFC 7518, section 3.3; the upper
	// bounds what a signature costs.
	minRSABits, maxRSABits = 2048, 8192
)

// key verifies the signatures of JWTs. Its algorithm follows from its type, never from a token: accepting a
// public RSA key as an HS256 secret is the classic JWT attack.
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

// parseKey tells a public key from a secret. Other forms of public keys than PEM are refused, so that none of
// them ever becomes a secret.
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
	forms := [][]byte{content}
	text := bytes.ReplaceAll(content, []byte("\n"), nil)
	if decoded, err := base64.StdEncoding.AppendDecode(nil, text); err == nil {
		forms = append(forms, decoded)
	}
	for _, der := range forms {
		for _, parse := range publicKeyTypes() {
			if _, err := parse(der); err == nil {
				return true
			}
		}
	}
	return false
}

// publicKeyTypes are the types of PEM blocks that have a public key, with the functions that read it. go-jose
// reads no PEM.
func publicKeyTypes() map[string]func(der []byte) (crypto.PublicKey, error) {
	return map[string]func(der []byte) (crypto.PublicKey, error){
		"PUBLIC KEY":     func(der []byte) (crypto.PublicKey, error) { return x509.ParsePKIXPublicKey(der) },
		"RSA PUBLIC KEY": func(der []byte) (crypto.PublicKey, error) { return x509.ParsePKCS1PublicKey(der) },
		"CERTIFICATE": func(der []byte) (crypto.PublicKey, error) {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, err
			}
			return certificate.PublicKey, nil
		},
	}
}

func parsePEM(content []byte) (key, error) {
	block, rest := pem.Decode(content)
	if block == nil {
		return key{}, errors.New("want a whole block of PEM, -----BEGIN PUBLIC KEY-----")
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return key{}, errors.New("want one key: several belong in authentication.jwt.jwks_file")
	}
	parse, known := publicKeyTypes()[block.Type]
	if !known {
		return key{}, fmt.Errorf("is a %.40q: want a PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE; "+
			"weir needs no private key", block.Type)
	}
	public, err := parse(block.Bytes)
	if err != nil {
		return key{}, err
	}
	return newPublic(public)
}

// newPublic returns the key of one algorithm that public is for.
func newPublic(public crypto.PublicKey) (key, error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return key{}, fmt.Errorf("is an RSA key of %d bits: want %d to %d", bits, minRSABits, maxRSABits)
		}
		if k.E < 3 || int64(k.E) > math.MaxInt32 {
			return key{}, fmt.Errorf("is an RSA key with the exponent %d: want 3 to 2147483647", k.E)
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
