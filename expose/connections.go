package expose

import (
	"net"
	"sync"

	"github.com/valyala/fasthttp"
)

// connections are those that are open, so that Close can cut what outlasts its patience. fasthttp waits
// for responses but never ends one, and after a wait in vain it would go on serving the connection.
type connections struct {
	gone chan struct{} // closed when the last one ends after cut

	mu sync.Mutex // guards what is below

	open  map[net.Conn]fasthttp.ConnState
	shut  bool // cut was called
	ended bool // gone is closed
}

func newConnections() *connections {
	return &connections{gone: make(chan struct{}), open: make(map[net.Conn]fasthttp.ConnState)}
}

// track is told by fasthttp of each change of a connection.
func (c *connections) track(conn net.Conn, state fasthttp.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state != fasthttp.StateClosed {
		c.open[conn] = state
		if c.shut {
			_ = conn.Close() // it was accepted while the others were cut
		}
		return
	}
	delete(c.open, conn)
	c.endLocked()
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
		_ = conn.Close() // whoever serves it meets an error and ends
	}
	c.endLocked()
	return active
}

// endLocked closes gone when there is nothing to wait for any more.
func (c *connections) endLocked() {
	if !c.shut || c.ended || len(c.open) > 0 {
		return
	}
	c.ended = true
	close(c.gone)
}
