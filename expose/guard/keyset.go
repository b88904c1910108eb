package guard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// maxKeys is the most keys of a key set.
const maxKeys = 64

// raiseRSALimit lets go-jose read RSA keys of the sizes that newPublic accepts; without it 4096 bits are the
// most. It is a function of its own since go-jose wants that done once, before the first key is read.
var raiseRSALimit = sync.OnceFunc(func() { jose.MaxRSAModulusBits = maxRSABits })

// loadKeySet reads a JSON Web Key Set (RFC 7517). Keys for other algorithms and uses are left out; the error
// has every mistake in the others.
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
		if j.isForeign() {
			continue
		}
		k, err := j.parse()
		same := func(o key) bool { return o.id == k.id && o.algorithm == k.algorithm }
		switch {
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

// jwk has the members of a JSON Web Key that weir looks at, by RFC 7517, section 4, and RFC 7518, section 6.
// Others are ignored, as the RFC says; go-jose would refuse a key for a bad thumbprint of a certificate that
// weir does not need.
type jwk struct {
	Type      string `json:"kty"`
	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	ID        string `json:"kid,omitempty"`
	Curve     string `json:"crv,omitempty"`

	N json.RawMessage `json:"n,omitempty"`
	E json.RawMessage `json:"e,omitempty"`
	X json.RawMessage `json:"x,omitempty"`
	Y json.RawMessage `json:"y,omitempty"`
	K json.RawMessage `json:"k,omitempty"`
	D *string         `json:"d,omitempty"`
}

// members names the members that hold the key; "" for a type of key that weir has no use for.
func (j *jwk) members() string {
	switch j.Type + " " + j.Curve {
	case "RSA ":
		return "n, e"
	case "EC P-256":
		return "x, y"
	case "OKP Ed25519":
		return "x"
	case "oct ":
		return "k"
	default:
		return ""
	}
}

// isForeign reports whether the key is for something else than the signatures that weir verifies.
func (j *jwk) isForeign() bool {
	algorithms := []string{"", "RS256", "ES256", "EdDSA", "HS256"}
	return j.Use != "" && j.Use != "sig" || !slices.Contains(algorithms, j.Algorithm) || j.members() == ""
}

func (j *jwk) parse() (key, error) {
	if j.D != nil {
		return key{}, errors.New("is a private key (d): want the public half alone")
	}
	k, err := j.decode()
	if err != nil {
		return key{}, err
	}
	if j.Algorithm != "" && j.Algorithm != k.algorithm {
		return key{}, fmt.Errorf("alg: %s: want %s for this key", j.Algorithm, k.algorithm)
	}
	k.id = j.ID
	return k, nil
}

// decode has go-jose decode the key.
func (j *jwk) decode() (key, error) {
	raiseRSALimit()
	content, err := json.Marshal(j)
	if err != nil {
		return key{}, err
	}
	var decoded jose.JSONWebKey
	err = decoded.UnmarshalJSON(content)
	switch {
	case errors.Is(err, jose.ErrUnsupportedKeyType): // foreign types are skipped: only a large RSA key
		return key{}, fmt.Errorf("is an RSA key of more than %[2]d bits: want %[1]d to %[2]d",
			minRSABits, maxRSABits)
	case err != nil:
		return key{}, fmt.Errorf("%s: %s", j.members(), strings.TrimPrefix(err.Error(), "go-jose/go-jose: "))
	}
	if secret, ok := decoded.Key.([]byte); ok {
		return newSecret(secret)
	}
	return newPublic(decoded.Key)
}
