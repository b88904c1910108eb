package guard

import (
	"bytes"
	"encoding/base64"
)

// scheme is how credentials are written.
type scheme uint8

const (
	otherScheme scheme = iota
	bearer
	basic
)

// credentials are what an Authorization header holds. They point into it.
type credentials struct {
	scheme scheme
	user   []byte // of basic
	secret []byte // the token, or the password
}

// parseAuthorization reads the value of an Authorization header; ok is false when it is malformed. A scheme
// that is not known is not looked into.
//
//	Bearer mF_9.B5f-4.1JqM         RFC 6750, section 2.1: any visible ASCII is taken for the token
//	^      ^
//	Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==    RFC 7617: base64 of user:password
func parseAuthorization(value []byte) (c credentials, ok bool) {
	name, rest, _ := bytes.Cut(bytes.Trim(value, " \t"), []byte(" "))
	rest = bytes.Trim(rest, " \t")
	switch {
	case bytes.EqualFold(name, []byte("Bearer")):
		return credentials{scheme: bearer, secret: rest}, isVisible(rest)
	case bytes.EqualFold(name, []byte("Basic")):
		return parseBasic(rest)
	default:
		return credentials{}, isVisible(name)
	}
}

func parseBasic(encoded []byte) (c credentials, ok bool) {
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(encoded)))
	n, err := base64.StdEncoding.Decode(decoded, encoded)
	user, password, found := bytes.Cut(decoded[:n], []byte(":"))
	return credentials{scheme: basic, user: user, secret: password}, err == nil && found
}

// isVisible reports whether b is not empty, and visible ASCII alone.
func isVisible(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(b) > 0
}
