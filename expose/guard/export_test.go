package guard

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

// SetNow replaces the clock. It must be called before Load.
func (g *Guard) SetNow(now func() time.Time) { g.now = now }

// ParseAuthorization is parseAuthorization, with the scheme as text.
func ParseAuthorization(value []byte) (scheme, user, secret string, ok bool) {
	c, ok := parseAuthorization(value)
	return [...]string{otherScheme: "", bearer: "bearer", basic: "basic"}[c.scheme],
		string(c.user), string(c.secret), ok
}

// ParseTokens reads the content of a tokens file and returns the names in it.
func ParseTokens(path string, content []byte) (names []string, err error) {
	t, err := parseTokens(path, content)
	if err != nil {
		return nil, err
	}
	for _, k := range slices.Concat(t.fast, t.slow) {
		names = append(names, k.name)
	}
	return names, nil
}

// Key is a key as a file has it.
type Key struct{ Algorithm, ID string }

// LoadKey reads the file of one key.
func LoadKey(path string) (Key, error) {
	k, err := loadKey(path)
	return Key{k.algorithm, k.id}, err
}

// LoadKeySet reads a JSON Web Key Set.
func LoadKeySet(path string) (all []Key, err error) {
	keys, err := loadKeySet(path)
	for _, k := range keys {
		all = append(all, Key{k.algorithm, k.id})
	}
	return all, err
}

// Passwords is passwords.
type Passwords = passwords

// MaxPerClient is maxPerClient.
const MaxPerClient = maxPerClient

// Room is how many secrets a Passwords of NewPasswords remembers.
const Room = 4

// NewPasswords returns what compares secrets with hashes; nobody waits for longer than wait, and comparisons may
// take as much time as they want.
func NewPasswords(wait time.Duration) *Passwords {
	p := newPasswords()
	p.wait, p.room, p.share = wait, Room, 0
	return p
}

// Find is find.
func (p *passwords) Find(hashes [][]byte, secret []byte, from netip.Addr) (index int, busy bool) {
	return p.find(hashes, secret, from)
}

// Occupy takes the turn of a comparison, until release is called.
func (p *passwords) Occupy() (release func()) {
	p.turn <- struct{}{}
	return func() { <-p.turn }
}

// Exhaust uses up the time for comparisons, for an hour.
func (p *passwords) Exhaust() { p.paidFor = time.Now().Add(time.Hour) }

// Ration rations comparisons as outside of tests, and has each take so long.
func (p *passwords) Ration(each time.Duration) (compared *int) {
	compared = new(int)
	p.share = comparingShare
	p.compare = func([]byte, []byte) error {
		*compared++
		time.Sleep(each)
		return errors.New("another secret")
	}
	return compared
}

// Remembered returns how many secrets are remembered, and how many clients wait.
func (p *passwords) Remembered() (secrets, clients int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.remembered), len(p.waiting)
}

// Passwords returns what compares g's secrets.
func (g *Guard) Passwords() *Passwords { return g.passwords }

// Unlimit lets comparisons take as much time as they want.
func (p *passwords) Unlimit() { p.share = 0 }
