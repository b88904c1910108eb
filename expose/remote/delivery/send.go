package delivery

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// mostFailures is after how many answers 500 to one block the next one is tried: such a block may be one
	// that the receiver can never take, and 500 must be retried otherwise (Prometheus answers it to native
	// histograms that it has switched off).
	mostFailures = 5

	// nativePause is for how long native histograms are not sent when the receiver takes none.
	nativePause = time.Minute
)

// verdict is what an attempt says of a block.
type verdict uint8

const (
	accepted verdict = iota
	refused          // never send it again
	again            // later
	lost             // it may have been taken, and may not be sent twice
	older            // the receiver knows only 1.0
)

// run sends blocks in order until ctx is done, or Close was called and nothing waits.
func (t *Target) run(ctx context.Context) {
	defer close(t.done)
	backoff := t.options.Backoff.Min
	for ctx.Err() == nil {
		e := t.next()
		if e == nil {
			if t.isAtEnd() {
				return
			}
			select {
			case <-ctx.Done():
			case <-t.wake:
			}
			continue
		}
		v, a := t.send(ctx, e)
		if v == again && ctx.Err() == nil && t.isPoisoned(e) {
			v, a = t.tryNext(ctx, e, a)
		}
		if v == accepted {
			backoff = t.options.Backoff.Min
			continue
		}
		if v == again {
			pause(ctx, max(a.retryAfter, time.Duration(rand.Int64N(int64(backoff)+1))))
			backoff = min(2*backoff, t.options.Backoff.Max)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (t *Target) isAtEnd() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.isClosing && len(t.queue.entries) == 0
}

// next returns the oldest block that is not too old, in flight from now on; nil when none waits.
func (t *Target) next() *entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for len(t.queue.entries) > 0 {
		e := t.queue.entries[0]
		switch {
		case now.Sub(e.Made) > t.options.Spool.MaxAge:
			t.drop(e, errTooOld)
		case e.Holds == Natives && now.Before(t.nativesFrom):
			t.drop(e, errNoNatives)
		default:
			e.inFlight = true
			return e
		}
	}
	return nil
}

// send makes one attempt with a block that is in flight, and settles it unless it is to be sent again.
func (t *Target) send(ctx context.Context, e *entry) (verdict, answer) {
	b, err := t.load(e)
	if err != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		e.inFlight = false
		t.drop(e, err)
		return refused, answer{}
	}
	a := t.client.attempt(ctx, &b)
	v := t.verdictOf(ctx, &b, &a)
	if v == older {
		v, a = t.sendOlder(ctx, &b, a)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e.inFlight = false
	t.stats.Requests[a.code]++
	t.note(v, &a)
	switch v {
	case accepted:
		t.stats.LastSuccess = time.Now()
		t.finish(e, sent)
		if b.Holds == Natives {
			t.nativesFrom = time.Time{}
		}
	case refused:
		t.finish(e, rejected)
	case lost:
		t.finish(e, unknown)
	default:
		if a.code == http.StatusInternalServerError {
			e.failures++
		}
	}
	return v, a
}

// load returns the block of an entry with its body.
func (t *Target) load(e *entry) (Block, error) {
	t.mu.Lock()
	b, path, protocol := e.Block, e.path, t.protocol
	t.mu.Unlock()
	if path != "" {
		var err error
		if b, err = readRequest(path); err != nil {
			return b, err
		}
	}
	if b.Protocol == RemoteWrite2 && protocol == RemoteWrite1 {
		return t.options.Downgrade(b)
	}
	return b, nil
}

// verdictOf says what the answer to a block means.
func (t *Target) verdictOf(ctx context.Context, b *Block, a *answer) verdict {
	mayBeTaken := a.code == 0 && a.isSent || a.code >= 500 && a.code != http.StatusServiceUnavailable
	switch {
	case a.isAccepted() && (b.Protocol != RemoteWrite2 || a.confirmed):
		return accepted
	case a.isAccepted(), a.code == http.StatusUnsupportedMediaType && b.Protocol == RemoteWrite2:
		return older
	case t.options.AtMostOnce && mayBeTaken:
		return lost
	case a.code == 0, a.code >= 500, a.code == http.StatusTooManyRequests, ctx.Err() != nil:
		return again
	default:
		return refused
	}
}

// sendOlder falls back to 1.0 for this block and all others.
func (t *Target) sendOlder(ctx context.Context, b *Block, a answer) (verdict, answer) {
	t.mu.Lock()
	t.protocol = RemoteWrite1
	t.mu.Unlock()
	t.log.Warn().Int("code", a.code).Msg("the receiver does not know remote write 2.0: weir goes on with 1.0")
	older, err := t.options.Downgrade(*b)
	if err != nil {
		t.log.Error().Err(err).Msg("BUG: a request of 2.0 cannot be written as one of 1.0")
		return refused, a
	}
	a = t.client.attempt(ctx, &older)
	v := t.verdictOf(ctx, &older, &a)
	return v, a
}

// note keeps and logs why a block was not accepted. The caller holds t.mu.
func (t *Target) note(v verdict, a *answer) {
	if v == accepted {
		t.stats.LastError = ""
		return
	}
	t.stats.LastError = a.text
	message := "the receiver has refused a request: it is not sent again"
	if v == again {
		message = "a request was not accepted: it is sent again"
	}
	if v == lost {
		message = "the answer to a request was lost: it is not sent again, so that nothing counts twice"
	}
	t.failures.Do(func() { t.log.Warn().Int("code", a.code).Str("answer", a.text).Msg(message) })
}

// isPoisoned reports whether a block alone has failed so often that it may be the reason. Native histograms
// that fail so are dropped for a while.
func (t *Target) isPoisoned(e *entry) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.failures < mostFailures {
		return false
	}
	if e.Holds == Natives {
		t.nativesFrom = time.Now().Add(nativePause)
		t.log.Warn().Msg("the receiver takes no native histograms: they are dropped, and tried again " +
			"once a minute; timers.observer both pushes classic buckets too")
		t.finish(e, rejected)
		return false
	}
	return true
}

// tryNext sends the block behind one that fails: when that is accepted, the receiver works, and the first is
// refused for good.
func (t *Target) tryNext(ctx context.Context, poisoned *entry, a answer) (verdict, answer) {
	t.mu.Lock()
	var next *entry
	for _, e := range t.queue.entries {
		if e != poisoned && e.Holds != Natives {
			next, e.inFlight = e, true
			break
		}
	}
	t.mu.Unlock()
	if next == nil {
		return again, a
	}
	v, answered := t.send(ctx, next)
	if v != accepted {
		return again, answered
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.finish(poisoned, rejected)
	return accepted, answered
}
