package delivery

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"
)

// Options configure a Target.
type Options struct {
	// Name is that of the target: of its folder in the spool.
	Name string
	// URL is where requests are posted.
	URL string
	// Protocol is the one that is tried first.
	Protocol Protocol
	// Timeout is how long an attempt may take.
	Timeout time.Duration
	// Backoff bounds the pause between attempts: a random part of one that doubles from Min to Max.
	Backoff struct{ Min, Max time.Duration }
	// QueueBytes is how much may wait in memory.
	QueueBytes int64
	// Spool is where more may wait. Without Dir there is none. MaxAge is for how long a block is kept, in
	// memory too.
	Spool struct {
		Dir      string
		MaxBytes int64
		MaxAge   time.Duration
	}
	// Headers are sent with every request.
	Headers map[string]string
	// Transport makes the requests, with credentials; nil is the usual one.
	Transport http.RoundTripper
	// AtMostOnce says that a request must not be sent again if it may have been taken.
	AtMostOnce bool
	// Downgrade makes a block of 1.0 of one of 2.0.
	Downgrade func(Block) (Block, error)
	// Version is that of weir.
	Version string
}

const logInterval = time.Minute

// Target delivers blocks to one receiver, in order. Any goroutine may call its methods, except that Open and
// Start come first, once, and Close last.
type Target struct {
	options Options
	log     zerolog.Logger
	client  *client
	spool   *spool // nil without one

	wake   chan struct{} // something was put, or Close was called
	cancel context.CancelFunc
	done   chan struct{} // closed when the sender has ended

	mu          sync.Mutex // guards the fields below; no file is written and nothing is sent while it is held
	queue       queue
	stats       Stats
	protocol    Protocol
	newest      time.Time
	isClosing   bool
	nativesFrom time.Time // native histograms are dropped until then

	failures, losses rate.Sometimes
}

// New returns a Target that has sent nothing.
func New(o Options, log zerolog.Logger) *Target {
	return &Target{
		options: o, log: log, protocol: o.Protocol, wake: make(chan struct{}, 1), done: make(chan struct{}),
		stats:    Stats{Requests: map[int]uint64{}},
		failures: rate.Sometimes{First: 1, Interval: logInterval},
		losses:   rate.Sometimes{First: 1, Interval: logInterval},
	}
}

// Open opens the spool, and takes up what an earlier process has left in it. The error says which key is
// wrong.
func (t *Target) Open() (err error) {
	if t.client, err = newClient(&t.options); err != nil {
		return err
	}
	if t.options.Spool.Dir == "" {
		return nil
	}
	if t.spool, err = openSpool(t.options.Spool.Dir, t.options.Name); err != nil {
		return err
	}
	found, bad := t.spool.entries()
	for _, err := range bad {
		t.log.Warn().Err(err).Msg("a request of the spool cannot be read: it was removed")
	}
	for _, e := range found {
		t.queue.add(e)
		t.stats.Made += uint64(e.Samples)
		t.stats.Waiting += uint64(e.Samples)
		t.newest = e.Made
	}
	return nil
}

// Start begins to send.
func (t *Target) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel = cancel
	go t.run(ctx)
}

// Put takes a block, which is not changed afterwards. It never waits for the receiver. What the queue cannot
// hold moves to the spool, the oldest first; what neither can hold is dropped, the oldest first. One
// goroutine calls it.
func (t *Target) Put(b Block) {
	e := &entry{Block: b, size: int64(len(b.Body))}
	t.mu.Lock()
	t.stats.Made += uint64(b.Samples)
	t.stats.Waiting += uint64(b.Samples)
	t.newest = b.Made
	t.queue.add(e)
	t.mu.Unlock()
	t.wakeSender()
	t.makeRoom(t.options.QueueBytes)
}

// wakeSender makes the sender look at the queue again.
func (t *Target) wakeSender() {
	select {
	case t.wake <- struct{}{}:
	default: // it will look anyhow
	}
}

// makeRoom moves blocks out of memory until it holds so much at most.
func (t *Target) makeRoom(most int64) {
	for {
		t.mu.Lock()
		e := t.queue.oldest(true)
		if t.queue.memory <= most || e == nil {
			t.mu.Unlock()
			break
		}
		e.spilling = true
		block := e.Block
		t.mu.Unlock()
		var path string
		var size int64
		err := errNoSpool
		if t.spool != nil {
			path, size, err = t.spool.write(&block)
		}
		t.mu.Lock()
		e.spilling = false
		switch {
		case e.inFlight || !t.queue.has(e): // it is being sent, or was sent meanwhile
			if err == nil {
				_ = t.spool.remove(path)
			}
		case err != nil:
			t.drop(e, err)
		default:
			t.queue.count(e, -1)
			e.path, e.size, e.Body = path, size, nil
			t.queue.count(e, +1)
		}
		t.mu.Unlock()
	}
	t.trimSpool()
}

var errNoSpool = errors.New("the queue is full, and spool.dir names no folder")

// trimSpool drops the oldest blocks on disk while there are too many.
func (t *Target) trimSpool() {
	for {
		t.mu.Lock()
		e := t.queue.oldest(false)
		if e == nil || t.queue.onDisk <= t.options.Spool.MaxBytes {
			t.mu.Unlock()
			return
		}
		t.drop(e, errSpoolFull)
		t.mu.Unlock()
	}
}

var errSpoolFull = errors.New("spool.max_bytes is reached")

// drop takes an entry out as dropped. The caller holds t.mu.
func (t *Target) drop(e *entry, why error) { t.finish(e, dropped); t.reportLoss(why) }

// finish takes an entry out. The caller holds t.mu.
func (t *Target) finish(e *entry, o outcome) {
	if !t.queue.remove(e) {
		return
	}
	t.stats.settle(o, e.Samples, e.Holds)
	if e.path != "" {
		_ = t.spool.remove(e.path) // at worst it is sent again: the receiver has it
	}
}

func (t *Target) reportLoss(why error) {
	t.losses.Do(func() {
		t.log.Warn().Err(why).Uint64("dropped_samples", t.stats.Dropped).Msg("pushes are dropped")
	})
}

// LastMade returns when the newest block was made, of an earlier process too; the zero time when none is
// known.
func (t *Target) LastMade() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.newest
}

// Protocol returns the protocol in force: that of the next blocks.
func (t *Target) Protocol() Protocol {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.protocol
}

// Stats returns what has become of all blocks.
func (t *Target) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stats
	s.Requests = maps.Clone(s.Requests)
	s.QueueBytes, s.SpoolBytes, s.Protocol = t.queue.memory, t.queue.onDisk, t.protocol
	if len(t.queue.entries) > 0 {
		s.Oldest = t.queue.entries[0].Made
	}
	return s
}

// Close sends what waits until ctx is done. Then it moves the rest to the spool, or drops it, and says so.
// Nothing may be put any more.
func (t *Target) Close(ctx context.Context) {
	t.mu.Lock()
	t.isClosing = true
	t.mu.Unlock()
	t.wakeSender()
	select {
	case <-t.done:
	case <-ctx.Done():
	}
	t.cancel()
	<-t.done
	t.makeRoom(0)
	s := t.Stats()
	if s.Waiting > 0 {
		t.log.Warn().Uint64("samples", s.Waiting).Msg("not sent yet: the spool keeps them for the next start")
	}
	if s.Dropped > 0 {
		t.log.Warn().Uint64("samples", s.Dropped).Msg("dropped since the start, and not pushed")
	}
	if t.spool != nil {
		_ = t.spool.lock.Close() // the end of the process frees it otherwise
	}
}

var (
	errTooOld    = errors.New("spool.max_age is over")
	errNoNatives = errors.New("the receiver takes no native histograms")
)
