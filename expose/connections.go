package expose

import (
	"net"
	"net/netip"
	"sync"

	"github.com/valyala/fasthttp"

	"weir/expose/guard"
)

// connections are the open connections, so that Close can cut them when its context is done. fasthttp waits
// for responses but never ends one, and after that wait it would go on serving the connection. They are also
// counted by client, so that no client can take all of them; fasthttp's MaxConnsPerIP would count the
// addresses of an IPv6 network one by one, and hide that a connection is over TLS.
type connections struct {
	gone         chan struct{} // closed when the last one ends after cut
	maxPerClient int

	mu sync.Mutex // guards the fields below

	open    map[net.Conn]fasthttp.ConnState
	clients map[netip.Addr]int // how many of open are of each client
	refused uint64             // closed because their client had too many
	shut    bool               // cut was called
	ended   bool               // gone is closed
}

func newConnections(maxPerClient int) *connections {
	return &connections{
		gone: make(chan struct{}), maxPerClient: maxPerClient,
		open: make(map[net.Conn]fasthttp.ConnState), clients: make(map[netip.Addr]int),
	}
}

// track is called by fasthttp with each change of a connection.
func (c *connections) track(conn net.Conn, state fasthttp.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.open[conn]
	if state == fasthttp.StateClosed {
		if known {
			c.leaveLocked(conn)
		}
		c.endLocked()
		return
	}
	c.open[conn] = state
	crowded := !known && c.enterLocked(conn)
	if c.shut || crowded { // it was accepted while the others were cut, or is one too many
		closeAtOnce(conn)
	}
}

// enterLocked counts a connection and reports whether it is one too many of its client.
func (c *connections) enterLocked(conn net.Conn) (crowded bool) {
	client := guard.Client(conn.RemoteAddr())
	c.clients[client]++
	if c.clients[client] <= c.maxPerClient {
		return false
	}
	c.refused++
	return true
}

func (c *connections) leaveLocked(conn net.Conn) {
	delete(c.open, conn)
	client := guard.Client(conn.RemoteAddr())
	c.clients[client]--
	if c.clients[client] == 0 {
		delete(c.clients, client)
	}
}

// crowded returns how many connections were closed because their client had too many.
func (c *connections) crowded() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// closeAtOnce closes a connection. Over TLS it leaves out the good-bye, for which a client that takes nothing
// would have to be waited for.
func closeAtOnce(conn net.Conn) {
	if over, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = over.NetConn()
	}
	_ = conn.Close() // whoever serves it meets an error and ends
}

// cut closes every connection and returns on how many of them a request was under way; 0 when it was called
// before.
func (c *connections) cut() (active int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut {
		return 0
	}
	c.shut = true
	for conn, state := range c.open {
		if state == fasthttp.StateActive {
			active++
		}
		closeAtOnce(conn)
	}
	c.endLocked()
	return active
}

// endLocked closes gone after cut, when the last connection is closed.
func (c *connections) endLocked() {
	if !c.shut || c.ended || len(c.open) > 0 {
		return
	}
	c.ended = true
	close(c.gone)
}
