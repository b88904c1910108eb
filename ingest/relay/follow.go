package relay

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"time"
)

const (
	resolveEvery = 30 * time.Second // how often names are resolved
	retryAfter   = time.Second      // how soon at least a connection is opened after the one before
	maxRetry     = 10 * time.Second // the longest pause after errors
)

// follow opens a new UDP socket every resolveEvery, and another connection when the sender asks for one, so
// that weir follows a changed name, route or local address. A stream is kept as long as the name has its
// address. It runs until close.
func (t *target) follow() {
	var current net.Conn // what the sender has, and its address
	var address netip.AddrPort
	failed, tries := false, 0
	for t.ctx.Err() == nil {
		conn, to, err := t.dialer.next(t.ctx, address, failed)
		tries++
		if err == nil {
			tries = 0
		} else if t.ctx.Err() == nil {
			t.count(err)
		}
		if conn != nil {
			select {
			case t.conns <- conn:
				current, address = conn, to
				t.connects.Add(1)
			case <-t.ctx.Done():
				_ = conn.Close() // nothing was sent on it
			}
		}
		failed = t.pause(tries) || failed && err != nil
	}
	if current != nil {
		_ = current.SetWriteDeadline(time.Unix(1, 0)) // wakes the sender; an error means that it is closed
	}
}

// pause waits until the name is to be resolved again: after so many tries that failed, for retryAfter, longer
// with each, and less by chance, so that many relays do not come back at the same moment; otherwise for
// resolveEvery, or until the sender reports that the connection failed, which pause returns.
func (t *target) pause(tries int) (failed bool) {
	wait := t.retryAfter
	if tries > 0 {
		wait = min(wait<<min(tries-1, 10), maxRetry)
		wait -= rand.N(wait/2 + 1)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.ctx.Done():
		return false
	}
	if tries > 0 {
		return false
	}
	timer.Reset(t.resolveEvery - t.retryAfter)
	select {
	case <-timer.C:
		return false
	case <-t.failed:
		return true
	case <-t.ctx.Done():
		return false
	}
}
