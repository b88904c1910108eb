package guard

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
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

// token is one token of the tokens file.
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
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parseTokens(path, content)
}

func parseTokens(path string, content []byte) (*tokens, error) {
	const useless, want = "no token would be valid", "want tokens: [{name: ..., sha256: ...}]"
	document := parse(path, content)
	t := &tokens{}
	root, ok := document.Root()
	if ok {
		given := readFields(root, map[string]field{"tokens": t.read})
		if len(document.Mistakes()) == 0 && (!given["tokens"] || len(t.fast)+len(t.slow) == 0) {
			root.RefuseAs(useless, want)
		}
	} else if len(document.Mistakes()) == 0 {
		return nil, &mistake.Mistake{Place: mistake.Place{Name: path}, Value: useless, Want: want}
	}
	return t, document.Err()
}

// read reads the list of tokens.
func (t *tokens) read(v yamlfile.Value) {
	var all []token
	for v := range v.List("tokens, {name: ..., sha256: ...}") {
		if len(all) <= maxTokens+maxSlowTokens { // one more is too many, which is refused below
			all = append(all, readToken(v, all))
		}
	}
	for _, k := range all {
		if k.digest != nil {
			t.fast = append(t.fast, k)
		} else {
			t.slow, t.hashes = append(t.slow, k), append(t.hashes, k.hash)
		}
	}
	if len(t.fast) > maxTokens || len(t.slow) > maxSlowTokens {
		v.RefuseAs(fmt.Sprintf("%d with sha256 and %d with bcrypt", len(t.fast), len(t.slow)),
			fmt.Sprintf("want at most %d and %d", maxTokens, maxSlowTokens))
	}
}

// readToken reads one token, which is not the first: the others stand before it.
func readToken(v yamlfile.Value, others []token) (k token) {
	given := readFields(v, map[string]field{
		"name":    setText(&k.name),
		"sha256":  func(v yamlfile.Value) { k.digest = readDigest(v) },
		"bcrypt":  func(v yamlfile.Value) { k.hash = bcryptHash(v) },
		"scopes":  func(v yamlfile.Value) { k.scopes = readScopes(v) },
		"expires": func(v yamlfile.Value) { k.expires = readTime(v) },
	})
	if !given["name"] {
		v.RefuseMissing("name", "want one, for logs")
	}
	if given["sha256"] == given["bcrypt"] {
		v.RefuseAs("", "want one of sha256 and bcrypt")
	}
	same := func(o token) bool {
		return o.name == k.name || k.digest != nil && subtle.ConstantTimeCompare(o.digest, k.digest) == 1
	}
	if i := slices.IndexFunc(others, same); i >= 0 && k.name != "" {
		v.RefuseAs(fmt.Sprintf("has the name or the hash of tokens[%d]", i), "want each once")
	}
	return k
}

func readDigest(v yamlfile.Value) []byte {
	digest, err := hex.DecodeString(v.Source())
	if err != nil || len(digest) != sha256.Size || !v.IsScalar() {
		v.Refuse("want the 64 hex digits of a SHA-256: printf %s TOKEN | sha256sum")
		return nil
	}
	return digest
}

func readScopes(v yamlfile.Value) []string {
	var all []string
	setTexts(&all)(v)
	for _, s := range all {
		if !isScope(s) {
			v.RefuseAs(mistake.Quote(s), "want scopes like metrics:read")
		}
	}
	return all
}

// readTime reads a time; it is no secret, so a message may show it.
func readTime(v yamlfile.Value) time.Time {
	t, err := time.Parse(time.RFC3339, v.Source())
	if err != nil {
		v.RefuseAs(mistake.Quote(v.Source()), "want a time like 2030-12-31T23:59:59Z")
	}
	return t
}

// find returns the token that is secret, nil when none is. It always compares with every digest, in constant
// time, and compares digests, not secrets; so its time tells an attacker nothing.
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

// verdict decides whether a known token lets a client in now.
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
