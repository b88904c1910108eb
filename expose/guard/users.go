package guard

import (
	"net/netip"

	"go.yaml.in/yaml/v3"
	"golang.org/x/crypto/bcrypt"
)

// users are those who have a password.
type users struct {
	hashes map[string][]byte // bcrypt, by name
	dummy  []byte            // the slowest of them, for names that nobody has
}

// users reads the section basic_auth_users; nil when it is empty.
func (d *document) users(path string, n *yaml.Node) *users {
	u := &users{hashes: make(map[string][]byte)}
	known := make(map[string]field)
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		name := n.Content[i].Value
		known[name] = func(path string, n *yaml.Node) {
			if hash := d.bcryptHash(path, n); hash != nil {
				u.add(name, hash)
			}
		}
	}
	if len(d.section(path, n, known)) == 0 {
		return nil
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

// verdict says whether a user with a password is let in. A name that nobody has takes as long as one that
// somebody has.
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
