package expose

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// connections are the open connections. When there are too many, one that nobody needs is closed for the new
// one:
//
//   - one of the client with the most connections, so that a client with few is not in the way of one with
//     many; idle ones may be of any client;
//   - of that client first one that is idle, then the one that has waited for the longest for a request, or
//     for the client to read an answer.
//
// One client may have a quarter of all connections. At a time, requests are answered on a quarter of all
// connections, and on about a quarter of the connections of one client; health routes do not count. So there
// is always a connection to close, and an address is answered while any number of idle, slow or half-open
// connections come from others. So is another client behind one of these addresses, if its request comes
// soon.
//
// Close closes idle connections at once. It cuts the others when its context is done: fasthttp waits for
// answers but never ends one, and after that wait it would go on serving the connection.
type connections struct {
	limits, limitsOfClient count         // set before Serve
	gone                   chan struct{} // closed when the last one has ended after quit

	mu sync.Mutex // guards the fields below

	open    map[*connection]struct{} // with the connections that are cut and have not ended
	left    sync.Cond                // signalled when one ends
	total   count
	clients map[netip.Addr]count
	stats   connectionStats
	quits   bool // quit was called
	shut    bool // cut was called
	ended   bool // gone is closed
}

// count counts connections, except connections that are cut.
type count struct {
	open     int
	answered int // connections of stageAnswer
}

// connectionStats count what became of connections that were too many.
type connectionStats struct {
	refused uint64 // turned away
	evicted uint64 // closed to make room
}

// newConnections returns a table of at most so many connections.
func newConnections(most int) *connections {
	t := &connections{
		gone: make(chan struct{}), open: make(map[*connection]struct{}), clients: make(map[netip.Addr]count),
	}
	t.left.L = &t.mu
	t.limit(most)
	return t
}

// limit sets how many connections there may be.
func (t *connections) limit(most int) {
	t.limits = count{most, max(1, most/4)}
	ofClient := max(1, most/4)
	t.limitsOfClient = count{ofClient, max(1, most/16, min(4, ofClient-1))}
}

// errCrowded is why a connection, or a request on it, is turned away.
var errCrowded = errors.New("too many connections")

// enter adds a new connection. When there are too many, it closes another one, which it returns; the error is
// errCrowded when none can be closed. It waits while too many that it closed have not ended.
func (t *connections) enter(c *connection) (evicted *connection, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.open) >= 2*t.limits.open && !t.shut {
		t.left.Wait()
	}
	if t.shut || t.ended { // it was accepted while the others ended
		return nil, net.ErrClosed
	}
	mine := t.clients[c.client].open
	isMine := func(o *connection) bool { return o.client == c.client }
	switch {
	case mine >= t.limitsOfClient.open:
		evicted, err = t.evictLocked(isMine)
	case t.total.open >= t.limits.open:
		evicted, err = t.evictLocked(func(o *connection) bool {
			return o.stage == stageIdle || isMine(o) || t.clients[o.client].open > mine
		})
	}
	if err != nil {
		t.stats.refused++
		return nil, err
	}
	t.open[c] = struct{}{}
	t.countLocked(c, 1)
	return evicted, nil
}

// maxCrowdedWait is how long a request waits for another answer to end when too many are being answered.
const maxCrowdedWait = time.Second

// answer notes that a request has come and is about to be answered. When too many are being answered, it
// closes the connection of a client that does not read the answer, and returns it. While all read, it waits,
// but not for long: then the error is errCrowded.
func (t *connections) answer(c *connection) (evicted *connection, err error) {
	for until := time.Now().Add(maxCrowdedWait); ; time.Sleep(minStall) {
		evicted, err = t.tryAnswer(c)
		if !errors.Is(err, errCrowded) || time.Now().After(until) {
			return evicted, err
		}
	}
}

func (t *connections) tryAnswer(c *connection) (evicted *connection, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	isAnswer := func(o *connection) bool { return o.stage == stageAnswer }
	switch {
	case c.isCut:
		return nil, net.ErrClosed
	case t.clients[c.client].answered >= t.limitsOfClient.answered:
		evicted, err = t.evictLocked(func(o *connection) bool { return isAnswer(o) && o.client == c.client })
	case t.total.answered >= t.limits.answered:
		evicted, err = t.evictLocked(isAnswer)
	}
	if err == nil {
		t.stageLocked(c, stageAnswer)
	} else {
		t.stageLocked(c, stageQueued)
	}
	return evicted, err
}

// maxFreshAnswers is for how many requests of one client at a time weir collects at once.
const maxFreshAnswers = 8

// isBusyWith reports whether so many requests of a client are being answered that one more should not wait
// for a collection of its own: a request that waits cannot be closed to make room.
func (t *connections) isBusyWith(c *connection) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clients[c.client].answered > maxFreshAnswers
}

// makeRoom closes a connection when the process is out of descriptors, and reports whether there was one.
func (t *connections) makeRoom() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err := t.evictLocked(func(*connection) bool { return true })
	return err == nil
}

// evictLocked closes and returns the first to close of the connections that may be closed.
func (t *connections) evictLocked(may func(*connection) bool) (*connection, error) {
	now := time.Now()
	var best *connection
	var bestRank rank
	for c := range t.open {
		since, isSpare := c.spare(now)
		if !isSpare || !may(c) {
			continue
		}
		r := rank{t.clients[c.client].open, c.usefulness(), since}
		if best == nil || r.isBefore(&bestRank) {
			best, bestRank = c, r
		}
	}
	if best == nil {
		return nil, errCrowded
	}
	t.countLocked(best, -1)
	best.isCut = true // it stays in open until whoever serves it has noticed
	t.stats.evicted++
	best.closeAtOnce()
	return best, nil
}

// track is called by fasthttp with each change of a connection.
func (t *connections) track(conn net.Conn, state fasthttp.ConnState) {
	c := connectionOf(conn)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch state {
	case fasthttp.StateClosed:
		t.removeLocked(c)
	case fasthttp.StateIdle:
		t.stageLocked(c, stageIdle)
		if t.quits {
			c.closeAtOnce()
		}
	default: // the first byte of a request; all of it may never come
		t.stageLocked(c, stageWaiting)
	}
}

// stageLocked notes that a stage of a connection begins.
func (t *connections) stageLocked(c *connection, next stage) {
	if c.stage == next || c.isCut {
		return
	}
	t.countLocked(c, -1)
	c.stage, c.since = next, time.Now()
	t.countLocked(c, 1)
}

// removeLocked removes a connection that has ended.
func (t *connections) removeLocked(c *connection) {
	if _, ok := t.open[c]; ok {
		delete(t.open, c)
		if !c.isCut {
			t.countLocked(c, -1)
		}
		t.left.Signal()
	}
	t.endLocked()
}

// countLocked counts a connection in or out.
func (t *connections) countLocked(c *connection, one int) {
	answered := 0
	if c.stage == stageAnswer {
		answered = one
	}
	t.total.open += one
	t.total.answered += answered
	n := t.clients[c.client]
	n.open += one
	n.answered += answered
	if n.open == 0 {
		delete(t.clients, c.client)
	} else {
		t.clients[c.client] = n
	}
}

// statsNow returns the counts now.
func (t *connections) statsNow() connectionStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stats
}

// quit closes every idle connection, and from now on each one that becomes idle.
func (t *connections) quit() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.quits = true
	for c := range t.open {
		if c.stage == stageIdle {
			c.closeAtOnce()
		}
	}
	t.endLocked()
}

// cut closes every connection and returns on how many of them a request was being answered; 0 when it was
// called before.
func (t *connections) cut() (answered int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shut {
		return 0
	}
	t.quits, t.shut = true, true
	answered = t.total.answered
	for c := range t.open {
		c.closeAtOnce()
	}
	t.left.Broadcast()
	t.endLocked()
	return answered
}

// endLocked closes gone after quit, when the last connection has ended.
func (t *connections) endLocked() {
	if t.quits && !t.ended && len(t.open) == 0 {
		t.ended = true
		close(t.gone)
	}
}
