package expose

import (
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"weir/expose/guard"
)

// connection is a connection of a client, below TLS.
type connection struct {
	net.Conn

	client netip.Addr
	writes atomic.Int64 // since when the write under way goes on, in Unix nanoseconds; 0 when none does

	// Guarded by connections.mu.

	stage stage
	since time.Time // when the stage began
	isCut bool      // it is closed, and whoever serves it has not noticed yet
}

// stage is what a connection is doing.
type stage uint8

const (
	stageIdle    stage = iota // kept open by a client that was answered
	stageWaiting              // for a TLS handshake, or for a whole request
	stageQueued               // a request has come; it waits until fewer are being answered
	stageAnswer               // a request is being answered
)

func newConnection(c net.Conn) *connection {
	return &connection{
		Conn: c, client: guard.Client(c.RemoteAddr()), stage: stageWaiting, since: time.Now(),
	}
}

// connectionOf returns the connection below what fasthttp serves.
func connectionOf(conn net.Conn) *connection {
	if over, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = over.NetConn()
	}
	c, _ := conn.(*connection) // of weir's own listener, always
	return c
}

// Write writes, and notes for how long.
func (c *connection) Write(b []byte) (int, error) {
	c.writes.Store(time.Now().UnixNano())
	defer c.writes.Store(0)
	return c.Conn.Write(b)
}

// minStall is the least time after which a client counts as one that does not read. A write of 32 KiB takes
// microseconds when there is space in the kernel's buffer.
const minStall = 10 * time.Millisecond

// spare reports since when the client has done nothing, and whether the connection may be closed to make room
// for another: no request is being answered on it, or the client does not read the answer.
func (c *connection) spare(now time.Time) (since time.Time, ok bool) {
	if c.isCut {
		return since, false
	}
	if c.stage != stageAnswer {
		return c.since, true
	}
	writes := c.writes.Load()
	since = time.Unix(0, writes)
	return since, writes != 0 && now.Sub(since) >= minStall
}

// usefulness returns how much is lost when a connection is closed to make room: least with an idle one, and
// most with one whose client has done its part and waits for weir.
func (c *connection) usefulness() int {
	switch c.stage {
	case stageIdle:
		return 0
	case stageQueued:
		return 2
	default:
		return 1
	}
}

// rank says when a connection is closed to make room.
type rank struct {
	ofClient   int       // how many connections its client has: the most first
	usefulness int       // of the connection: the least first
	since      time.Time // for how long its client has done nothing: the longest first
}

func (r *rank) isBefore(other *rank) bool {
	switch {
	case r.ofClient != other.ofClient:
		return r.ofClient > other.ofClient
	case r.usefulness != other.usefulness:
		return r.usefulness < other.usefulness
	default:
		return r.since.Before(other.since)
	}
}

// closeAtOnce closes the connection. Over TLS it leaves out the good-bye, for which a client that takes
// nothing would have to be waited for. What a client that does not read has not taken is thrown away.
func (c *connection) closeAtOnce() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok && c.stage == stageAnswer {
		_ = tcp.SetLinger(0) // fails only when it is closed already
	}
	_ = c.Close() // whoever serves it meets an error and ends
}
