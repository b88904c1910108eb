package guard

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/time/rate"
)

const (
	// bcryptBytes is how long a hash is.
	bcryptBytes = 60

	// maxRemembered bounds the secrets that are remembered; each scraper has one.
	maxRemembered = 128

	// comparisonsPerSecond and comparisonBurst ration bcrypt: at the usual cost of 10 a comparison takes
	// about 50 ms, so those who guess get a quarter of one core. The burst lets one token be compared with
	// every hash.
	comparisonsPerSecond = 5
	comparisonBurst      = 8

	// maxWait is how long a comparison may wait for its turn.
	maxWait = 2 * time.Second

	// maxPerClient bounds the comparisons of one client that wait or go on, so that one alone, with many
	// connections, does not fill the queue of all.
	maxPerClient = 2
)

// passwords compares secrets with bcrypt hashes, one at a time and only so many a second, because bcrypt is
// slow. Secrets that fitted are remembered, so that only the first scrape waits for a comparison.
//
// The memory is keyed by a digest of the hash and the secret together. A hash is always 60 bytes, so no other
// pair has the same bytes (CVE-2022-46146 was of that kind). When a hash is replaced, its remembered secrets
// are not found any more.
type passwords struct {
	turn chan struct{} // holds one while a comparison goes on
	pace *rate.Limiter
	wait time.Duration // maxWait, except in tests
	room int           // maxRemembered, except in tests

	mu sync.Mutex // guards what is below

	remembered map[[sha256.Size]byte]struct{}
	waiting    map[netip.Addr]int // comparisons of each client that wait or go on
}

func newPasswords() *passwords {
	return &passwords{
		turn: make(chan struct{}, 1), wait: maxWait, room: maxRemembered,
		pace:       rate.NewLimiter(comparisonsPerSecond, comparisonBurst),
		remembered: make(map[[sha256.Size]byte]struct{}), waiting: make(map[netip.Addr]int),
	}
}

// find returns the index of the hash that is of the secret, -1 when none is; busy when there was no time to
// look.
func (p *passwords) find(hashes [][]byte, secret []byte, from netip.Addr) (index int, busy bool) {
	if len(secret) > maxBcryptBytes {
		return -1, false // bcrypt would take it for its beginning
	}
	keys := make([][sha256.Size]byte, len(hashes))
	for i, hash := range hashes {
		keys[i] = sha256.Sum256(slices.Concat(hash, secret))
	}
	if i := p.recall(keys); i >= 0 {
		return i, false
	}
	if !p.enter(from) {
		return -1, true
	}
	defer p.leave(from)
	if !p.queue(len(hashes)) {
		return -1, true
	}
	defer func() { <-p.turn }()
	if i := p.recall(keys); i >= 0 { // while it waited
		return i, false
	}
	for i, hash := range hashes {
		if bcrypt.CompareHashAndPassword(hash, secret) == nil {
			p.remember(keys[i])
			return i, false
		}
	}
	return -1, false
}

// queue waits for the turn to make so many comparisons; it reports false when that would take too long.
func (p *passwords) queue(comparisons int) bool {
	ctx, cancel := context.WithTimeout(context.Background(), p.wait)
	defer cancel()
	if p.pace.WaitN(ctx, comparisons) != nil {
		return false
	}
	select {
	case p.turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// recall returns the index of the first key that is remembered, -1 when none is.
func (p *passwords) recall(keys [][sha256.Size]byte) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, key := range keys {
		if _, ok := p.remembered[key]; ok {
			return i
		}
	}
	return -1
}

// remember keeps a key; when there are too many, any other is forgotten.
func (p *passwords) remember(key [sha256.Size]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for other := range p.remembered {
		if len(p.remembered) < p.room {
			break
		}
		delete(p.remembered, other)
	}
	p.remembered[key] = struct{}{}
}

// enter reports whether a client may have one more comparison; leave ends it.
func (p *passwords) enter(from netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[from] >= maxPerClient {
		return false
	}
	p.waiting[from]++
	return true
}

func (p *passwords) leave(from netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[from]--
	if p.waiting[from] == 0 {
		delete(p.waiting, from)
	}
}
