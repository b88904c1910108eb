package guard

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/crypto/bcrypt"
)

const (
	// maxTokens bounds the comparisons of one request.
	maxTokens = 1024

	// maxSlowTokens bounds the tokens hashed with bcrypt: one that is not known is compared with each.
	maxSlowTokens = 4

	// maxBcryptCost is the highest cost that is accepted: about a second for one comparison.
	maxBcryptCost = 14

	// maxBcryptBytes is how much of a secret bcrypt looks at.
	maxBcryptBytes = 72
)

// token is what the tokens file says of one token.
type token struct {
	name    string
	digest  []byte // SHA-256 of the token; nil when it has a hash
	hash    []byte // bcrypt of the token; nil when it has a digest
	scopes  []string
	expires time.Time // zero: never
}

// tokens are those of a tokens file.
type tokens struct {
	fast   []token  // with a digest
	slow   []token  // with a hash
	hashes [][]byte // their hashes
}

// loadTokens reads a tokens file. The error has every mistake in it.
func loadTokens(path string) (*tokens, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	return parseTokens(path, content)
}

func parseTokens(path string, content []byte) (*tokens, error) {
	d := &document{path: path}
	root := d.parse(content)
	if root == nil {
		if err := d.err(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s: no token would be valid: want tokens: [{name: ..., sha256: ...}]", path)
	}
	var all []token
	d.section("", root, map[string]field{"tokens": func(path string, n *yaml.Node) {
		d.list(path, n, func(path string, n *yaml.Node) {
			if len(all) <= maxTokens+maxSlowTokens { // one more is too many, which is said below
				all = append(all, d.token(path, n, all))
			}
		})
	}})
	t := &tokens{}
	for _, k := range all {
		if k.digest != nil {
			t.fast = append(t.fast, k)
		} else {
			t.slow, t.hashes = append(t.slow, k), append(t.hashes, k.hash)
		}
	}
	if len(d.errs) == 0 && len(all) == 0 {
		d.refuse(root, "tokens", "no token would be valid: want [{name: ..., sha256: ...}]")
	}
	if len(t.fast) > maxTokens || len(t.slow) > maxSlowTokens {
		d.refuse(root, "tokens", "%d with sha256 and %d with bcrypt: want at most %d and %d",
			len(t.fast), len(t.slow), maxTokens, maxSlowTokens)
	}
	return t, d.err()
}

// token reads one token, before which are others.
func (d *document) token(path string, n *yaml.Node, others []token) (k token) {
	given := d.section(path, n, map[string]field{
		"name": d.setText(&k.name),
		"sha256": func(path string, n *yaml.Node) {
			digest, err := hex.DecodeString(n.Value)
			if err != nil || len(digest) != sha256.Size || n.Kind != yaml.ScalarNode {
				d.refuse(n, path, "want the 64 hex digits of a SHA-256: printf %%s TOKEN | sha256sum")
				return
			}
			k.digest = digest
		},
		"bcrypt":  func(path string, n *yaml.Node) { k.hash = d.bcryptHash(path, n) },
		"scopes":  func(path string, n *yaml.Node) { k.scopes = d.scopes(path, n) },
		"expires": func(path string, n *yaml.Node) { k.expires = d.moment(path, n) },
	})
	if !given["name"] {
		d.refuse(n, path, "name: missing: want one, for logs")
	}
	if given["sha256"] == given["bcrypt"] {
		d.refuse(n, path, "want one of sha256 and bcrypt")
	}
	same := func(o token) bool {
		return o.name == k.name || k.digest != nil && subtle.ConstantTimeCompare(o.digest, k.digest) == 1
	}
	if i := slices.IndexFunc(others, same); i >= 0 && k.name != "" {
		d.refuse(n, path, "has the name or the hash of tokens[%d]: want each once", i)
	}
	return k
}

// bcryptHash reads a hash as htpasswd -B and others make it.
func (d *document) bcryptHash(path string, n *yaml.Node) []byte {
	cost, err := bcrypt.Cost([]byte(n.Value))
	if err != nil || n.Kind != yaml.ScalarNode || len(n.Value) != bcryptBytes {
		d.refuse(n, path, "want a bcrypt hash, $2y$10$ and 53 characters: htpasswd -nBC 10 ''")
		return nil
	}
	if cost > maxBcryptCost {
		d.refuse(n, path, "a cost of %d: want at most %d", cost, maxBcryptCost)
		return nil
	}
	return []byte(n.Value)
}

func (d *document) scopes(path string, n *yaml.Node) []string {
	all := d.texts(path, n)
	for _, s := range all {
		if !isScope(s) {
			d.refuse(n, path, "%.40q: want scopes like metrics:read", s)
		}
	}
	return all
}

// moment reads a time; it is no secret.
func (d *document) moment(path string, n *yaml.Node) time.Time {
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		d.refuse(n, path, "%.40q: want a time like 2030-12-31T23:59:59Z", n.Value)
	}
	return t
}

// find returns the token that is secret, nil when none is. It compares with every digest, whichever fits, and
// digests of what an attacker sends tell nothing of those that are wanted; so its time tells nothing.
func (t *tokens) find(secret []byte) *token {
	digest, found := sha256.Sum256(secret), -1
	for i := range t.fast {
		equal := subtle.ConstantTimeCompare(t.fast[i].digest, digest[:])
		found = subtle.ConstantTimeSelect(equal, i, found)
	}
	if found < 0 {
		return nil
	}
	return &t.fast[found]
}

// findSlow returns the token hashed with bcrypt that is secret, nil when none is; busy when there was no time
// to look.
func (t *tokens) findSlow(p *passwords, secret []byte, from netip.Addr) (k *token, busy bool) {
	if len(t.slow) == 0 {
		return nil, false
	}
	i, busy := p.find(t.hashes, secret, from)
	if i < 0 {
		return nil, busy
	}
	return &t.slow[i], false
}

// verdict says whether a token that is known lets in now.
func (k *token) verdict(scope string, now time.Time) Verdict {
	switch {
	case !k.expires.IsZero() && !now.Before(k.expires):
		return Verdict{ReasonExpired, k.name}
	case scope != "" && !slices.Contains(k.scopes, scope):
		return Verdict{ReasonScope, k.name}
	default:
		return Verdict{ReasonNone, k.name}
	}
}
