package guard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifier accepts JSON Web Tokens, by the advice of RFC 8725.
type verifier struct {
	parser *jwt.Parser
	keys   []key
	named  bool // the keys are a set: a token tells by its kid which one it is signed with
}

// claims are the claims of a token that weir looks at.
type claims struct {
	jwt.RegisteredClaims

	Scope  scopes `json:"scope"`  // RFC 8693, section 4.2
	Scopes scopes `json:"scopes"` // some issuers
	SCP    scopes `json:"scp"`    // some others
}

// UnmarshalJSON reads the claims. A date must be a number (RFC 7519, section 2, NumericDate): the library
// would take a text with digits in it for one.
func (c *claims) UnmarshalJSON(b []byte) error {
	var dates struct {
		Expires   json.RawMessage `json:"exp"`
		NotBefore json.RawMessage `json:"nbf"`
		Issued    json.RawMessage `json:"iat"`
	}
	if err := json.Unmarshal(b, &dates); err != nil {
		return err
	}
	for _, date := range [][]byte{dates.Expires, dates.NotBefore, dates.Issued} {
		if bytes.HasPrefix(date, []byte(`"`)) {
			return errors.New("a date is a text: want a number of seconds")
		}
	}
	type plain claims // has no UnmarshalJSON
	return json.Unmarshal(b, (*plain)(c))
}

// scopes are written as one text with blanks between them, or as a list.
type scopes []string

// UnmarshalJSON reads either.
func (s *scopes) UnmarshalJSON(b []byte) error {
	var list []string
	if bytes.HasPrefix(b, []byte("[")) {
		err := json.Unmarshal(b, &list)
		*s = list
		return err
	}
	var text string
	err := json.Unmarshal(b, &text)
	*s = strings.Fields(text)
	return err
}

// newVerifier reads the keys that o names.
func newVerifier(o *JWT, now func() time.Time) (*verifier, error) {
	v := &verifier{named: o.JWKSFile != ""}
	var err error
	if v.named {
		v.keys, err = loadKeySet(o.JWKSFile)
	} else {
		v.keys = make([]key, 1)
		v.keys[0], err = loadKey(o.KeyFile)
	}
	if err != nil {
		return nil, err
	}
	var algorithms []string
	for _, k := range v.keys {
		algorithms = append(algorithms, k.algorithm)
	}
	options := []jwt.ParserOption{
		jwt.WithValidMethods(algorithms), jwt.WithExpirationRequired(), jwt.WithLeeway(o.Leeway),
		jwt.WithTimeFunc(now), jwt.WithStrictDecoding(),
	}
	if o.Issuer != "" {
		options = append(options, jwt.WithIssuer(o.Issuer))
	}
	if o.Audience != "" {
		options = append(options, jwt.WithAudience(o.Audience))
	}
	v.parser = jwt.NewParser(options...)
	return v, nil
}

// looksLikeJWT reports whether a token has three parts.
func looksLikeJWT(token []byte) bool { return bytes.Count(token, []byte(".")) == 2 }

// verdict decides whether a token is let in.
func (v *verifier) verdict(token []byte, scope string) Verdict {
	var c claims
	_, err := v.parser.ParseWithClaims(string(token), &c, v.choose)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return refused(ReasonExpired)
	case errors.Is(err, jwt.ErrTokenInvalidClaims):
		return refused(ReasonClaims)
	case err != nil:
		return refused(ReasonUnknown)
	case scope != "" && !slices.Contains(slices.Concat(c.Scope, c.Scopes, c.SCP), scope):
		return Verdict{ReasonScope, c.Subject}
	default:
		return Verdict{ReasonNone, c.Subject}
	}
}

// choose returns the one key that a token may be signed with. The key decides on the algorithm; the token
// only selects a key.
func (v *verifier) choose(t *jwt.Token) (any, error) {
	if _, ok := t.Header["crit"]; ok {
		// RFC 7515, section 4.1.11
		return nil, errors.New("critical header extensions (crit) are not supported")
	}
	given, hasID := t.Header["kid"]
	id, ok := given.(string)
	if hasID && !ok {
		return nil, errors.New("kid is no text")
	}
	var found []key
	for _, k := range v.keys {
		if k.algorithm == t.Method.Alg() && (!v.named || !hasID || k.id == id) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d keys fit", len(found))
	}
	return found[0].material, nil
}
