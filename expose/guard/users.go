package guard

import (
	"net/netip"

	"golang.org/x/crypto/bcrypt"

	"weir/internal/yamlfile"
)

// users are the people and programs with a password.
type users struct {
	hashes map[string][]byte // bcrypt, by name
	dummy  []byte            // the slowest of them, for names that nobody has
}

// readUsers reads the section basic_auth_users; nil when it is empty.
func readUsers(v yamlfile.Value) *users {
	pairs := v.Pairs("want a section, user: bcrypt hash")
	if len(pairs) == 0 {
		return nil
	}
	u := &users{hashes: make(map[string][]byte)}
	for _, p := range pairs {
		if hash := bcryptHash(p.Value); hash != nil && !p.Again {
			u.add(p.Key.Source(), hash)
		}
	}
	return u
}

func (u *users) add(name string, hash []byte) {
	u.hashes[name] = hash
	cost := func(hash []byte) int { n, _ := bcrypt.Cost(hash); return n }
	if u.dummy == nil || cost(hash) > cost(u.dummy) {
		u.dummy = hash
	}
}

// verdict decides whether a user with a password is let in. An unknown name takes as long as a known one.
func (u *users) verdict(p *passwords, c credentials, from netip.Addr) Verdict {
	hash, known := u.hashes[string(c.user)]
	if !known {
		hash = u.dummy
	}
	i, busy := p.find([][]byte{hash}, c.secret, from)
	switch {
	case busy:
		return refused(ReasonBusy)
	case i < 0 || !known:
		return refused(ReasonUnknown)
	default:
		return Verdict{ReasonNone, string(c.user)}
	}
}
