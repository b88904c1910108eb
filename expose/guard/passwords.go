package guard

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const (
	// bcryptBytes is how long a hash is.
	bcryptBytes = 60

	// maxRemembered bounds the secrets that are remembered; each scraper has one.
	maxRemembered = 128

	// comparingShare rations bcrypt by the time it takes, whatever the cost of the hashes: it gets a quarter
	// of one core in the long run, so a comparison of a second makes the next one wait for three.
	comparingShare = 4 // one part in so many

	// comparingSaved is how much comparing may go on at once when there was none for a while: a second of it,
	// about 20 comparisons at the usual cost of 10.
	comparingSaved = time.Second

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
	turn    chan struct{} // holds one while a comparison goes on
	paidFor time.Time     // until when comparisons have used the share of time; of whoever has the turn

	compare func(hash, secret []byte) error // bcrypt; tests have others
	share   int                             // comparingShare, except in tests
	wait    time.Duration                   // maxWait, except in tests
	room    int                             // maxRemembered, except in tests

	mu sync.Mutex // guards the fields below

	remembered map[[sha256.Size]byte]struct{}
	waiting    map[netip.Addr]int // comparisons of each client that wait or go on
}

func newPasswords() *passwords {
	return &passwords{
		turn: make(chan struct{}, 1), compare: bcrypt.CompareHashAndPassword,
		share: comparingShare, wait: maxWait, room: maxRemembered,
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
	if !p.queue() {
		return -1, true
	}
	defer func() { <-p.turn }()
	if i := p.recall(keys); i >= 0 { // while it waited
		return i, false
	}
	defer p.pay(time.Now())
	for i, hash := range hashes {
		if p.compare(hash, secret) == nil {
			p.remember(keys[i])
			return i, false
		}
	}
	return -1, false
}

// queue waits for the turn to compare, and for the time to do it; it reports false when that would take too
// long. Otherwise the caller has the turn.
func (p *passwords) queue() bool {
	deadline := time.NewTimer(p.wait)
	defer deadline.Stop()
	latest := time.Now().Add(p.wait)
	select {
	case p.turn <- struct{}{}:
	case <-deadline.C:
		return false
	}
	begin := p.paidFor.Add(-comparingSaved * time.Duration(p.share))
	if begin.After(latest) {
		<-p.turn
		return false
	}
	time.Sleep(time.Until(begin))
	return true
}

// pay notes that comparing took the time since then. The caller has the turn.
func (p *passwords) pay(since time.Time) {
	if p.paidFor.Before(since) {
		p.paidFor = since
	}
	p.paidFor = p.paidFor.Add(time.Since(since) * time.Duration(p.share))
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
