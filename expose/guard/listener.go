package guard

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
)

// Listener speaks TLS over what inner accepts, with the certificates of the moment; without TLS it is inner.
// Handshakes are made by whoever uses the connections, with the deadlines that it sets. Load comes before.
func (g *Guard) Listener(inner net.Listener) net.Listener {
	if !g.HasTLS() {
		return inner
	}
	current := func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		return g.state.Load().certificates.current(hello)
	}
	// The version only keeps linters from worrying: what current returns replaces all of this.
	return &listener{inner, g, &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: current}}
}

type listener struct {
	net.Listener

	guard  *Guard
	config *tls.Config
}

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: tls.Server(c, l.config), plain: c, guard: l.guard}, nil
}

// connection is one over TLS. It counts a handshake that fails, once, and then it is closed. fasthttp calls
// Handshake first, and ignores what it returns.
type connection struct {
	*tls.Conn

	plain  net.Conn
	guard  *Guard
	failed bool // written and read by whoever serves the connection
}

// Handshake makes the handshake, with the deadlines of the connection.
func (c *connection) Handshake() error {
	err := c.Conn.Handshake()
	if err == nil || c.failed {
		return err
	}
	c.failed = true
	if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) { // a probe of the port sends nothing
		c.guard.handshakeFailures.Add(1)
		c.guard.log.Debug().Err(err).Stringer("from", c.RemoteAddr()).Msg("a TLS handshake failed")
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok && record.Conn != nil {
		_, _ = io.WriteString(c.plain, plainAnswer) // as a courtesy
	}
	_ = c.plain.Close()
	return err
}

// plainAnswer is for clients that speak HTTP without TLS.
const plainAnswer = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n" +
	"Connection: close\r\n\r\nweir speaks HTTPS here\n"

// Read reads. After a failed handshake it returns net.ErrClosed, so that fasthttp answers nothing and counts
// no response.
func (c *connection) Read(b []byte) (int, error) {
	if c.failed {
		return 0, net.ErrClosed
	}
	return c.Conn.Read(b)
}

// Client returns who is at an address, as far as limits for one client go: an IPv4 address, or the network of
// 64 bits of an IPv6 address, of which one client has all addresses.
func Client(address net.Addr) netip.Addr {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	if ip.Is6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return ip
}
