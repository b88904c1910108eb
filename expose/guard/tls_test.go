package guard_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"weir/expose/guard"
	"weir/expose/guard/guardtest"
)

// endpoint greets everybody who makes a handshake.
type endpoint struct {
	*guard.Guard

	dir     string
	ca      *guardtest.Authority
	address string
	log     *bytes.Buffer // written in handshakes; read between them
	clock   atomic.Int64  // seconds after noon
}

// serveTLS starts an endpoint whose tls_server_config has more in it.
func serveTLS(t *testing.T, more string) *endpoint {
	t.Helper()
	e := &endpoint{ca: guardtest.NewAuthority(t), log: &bytes.Buffer{}}
	e.dir = serverFiles(t, e.ca)
	web := filepath.Join(e.dir, "web.yaml")
	rewrite(t, web, "tls_server_config: {"+serverPair+more+"}")
	e.Guard = guard.New(guard.DefaultOptions(), web, zerolog.New(e.log))
	e.SetNow(func() time.Time { return noon.Add(time.Duration(e.clock.Load()) * time.Second) })
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := e.Listener(plain)
	e.address = listener.Addr().String()
	done := make(chan struct{})
	go func() { // ends when the cleanup closes the listener; it waits for that
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			e.greet(c)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return e
}

func (*endpoint) greet(c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if c.(interface{ Handshake() error }).Handshake() == nil {
		_, _ = io.WriteString(c, "hello")
	} else if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, net.ErrClosed) {
		panic("a connection without a handshake can be read from")
	}
	_ = c.Close()
}

// dial returns the serial number of the certificate, or why there was no greeting.
func (e *endpoint) dial(change func(*tls.Config)) (serial int64, err error) {
	config := &tls.Config{RootCAs: e.ca.Pool(), NextProtos: []string{"h2", "http/1.1"}}
	if change != nil {
		change(config)
	}
	c, err := tls.Dial("tcp", e.address, config)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if greeting, err := io.ReadAll(c); err != nil || string(greeting) != "hello" {
		return 0, errors.Join(errors.New("greeted with "+string(greeting)), err)
	}
	state := c.ConnectionState()
	if state.NegotiatedProtocol == "h2" {
		return 0, errors.New("HTTP/2 is offered")
	}
	return state.PeerCertificates[0].SerialNumber.Int64(), nil
}

// replace puts a new certificate in place.
func (e *endpoint) replace(t *testing.T) {
	t.Helper()
	certificate, key := e.ca.Issue(t, "localhost", "127.0.0.1")
	rewrite(t, filepath.Join(e.dir, "server.crt"), string(certificate))
	rewrite(t, filepath.Join(e.dir, "server.key"), string(key))
}

func TestTLS(t *testing.T) {
	e := serveTLS(t, "")
	if serial, err := e.dial(nil); err != nil || serial != 2 {
		t.Errorf("handshake: certificate %d, %v", serial, err)
	}
	if _, err := e.dial(func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }); err != nil {
		t.Errorf("TLS 1.2: %v", err)
	}
	if s := e.Stats(); s.HandshakeFailures != 0 || s.CertificateExpires.Before(time.Now()) {
		t.Errorf("stats %+v", s)
	}
	if _, err := e.dial(func(c *tls.Config) { c.MaxVersion, c.MinVersion = tls.VersionTLS11, tls.VersionTLS10 }); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	// The end of a silent connection is not a failure; plain HTTP is, and is told so.
	for _, hello := range []string{"", "GET / HTTP/1.1\r\n\r\n"} {
		c, err := net.Dial("tcp", e.address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, hello)
		_ = c.(*net.TCPConn).CloseWrite()
		answer, _ := io.ReadAll(c)
		if hello != "" && !strings.Contains(string(answer), "weir speaks HTTPS here") {
			t.Errorf("plain HTTP was answered %q", answer)
		}
		_ = c.Close()
	}
	if s := e.Stats(); s.HandshakeFailures != 2 {
		t.Errorf("%d handshakes failed, want 2", s.HandshakeFailures)
	}
}

func TestTLSMinVersion(t *testing.T) {
	e := serveTLS(t, ", min_version: TLS13")
	if _, err := e.dial(func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }); err == nil {
		t.Error("TLS 1.2 is spoken")
	}
	if _, err := e.dial(nil); err != nil {
		t.Error(err)
	}
}

func TestClientCertificates(t *testing.T) {
	f := func(more string, anonymous, stranger, friend, other bool) {
		t.Helper()
		e := serveTLS(t, more)
		dial := func(who string, ca *guardtest.Authority, name string, want bool) {
			t.Helper()
			_, err := e.dial(func(c *tls.Config) {
				if ca == nil {
					return
				}
				certificate, key := ca.Issue(t, name)
				pair, err := tls.X509KeyPair(certificate, key)
				if err != nil {
					t.Fatal(err)
				}
				// Not Certificates: of those, Go sends only what the server's CAs have signed.
				c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
			})
			if (err == nil) != want {
				t.Errorf("%s: %s: %v, want it let in = %v", more, who, err, want)
			}
		}
		dial("anonymous", nil, "", anonymous)
		dial("stranger", guardtest.NewAuthority(t), "friend", stranger)
		dial("friend", e.ca, "friend", friend)
		dial("other", e.ca, "other", other)
	}
	f("", true, true, true, true)
	f(", client_auth_type: RequireAnyClientCert", false, true, true, true)
	f(", client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.crt", true, false, true, true)
	f(", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt", false, false, true, true)
	f(", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt, client_allowed_sans: [friend]", false, false, true, false)
	f(", client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.crt, client_allowed_sans: [friend]", true, false, true, false)
}

// New files are used from the next handshake on, once a second has passed; bad ones change nothing, and are
// logged once.
func TestCertificatesAreReplaced(t *testing.T) {
	e := serveTLS(t, "")
	want := func(serial int64, logged int) {
		t.Helper()
		for range 2 {
			if got, err := e.dial(nil); err != nil || got != serial {
				t.Errorf("certificate %d, %v, want %d", got, err, serial)
			}
			if n := strings.Count(e.log.String(), "cannot be used"); n != logged {
				t.Errorf("logged %d times, want %d: %s", n, logged, e.log)
			}
		}
	}
	want(2, 0)
	e.replace(t)
	want(2, 0) // the files were looked at a moment ago
	e.clock.Add(1)
	want(3, 0)

	rewrite(t, filepath.Join(e.dir, "server.key"), "junk")
	e.clock.Add(1)
	want(3, 1)
	e.clock.Add(1)
	want(3, 1)
	wantErrors(t, "load", e.Load(), e.dir+"/server.crt, "+e.dir+"/server.key: tls: failed")
	want(3, 1)
	if err := os.Remove(filepath.Join(e.dir, "server.crt")); err != nil {
		t.Fatal(err)
	}
	e.clock.Add(1)
	want(3, 2)

	e.replace(t)
	e.clock.Add(1)
	want(4, 2)
	e.replace(t)
	wantErrors(t, "load", e.Load()) // does not wait for the second
	want(5, 2)
	e.clock.Store(-100) // a clock that was set back
	e.replace(t)
	want(6, 2)
}

// TLS is neither switched on nor off by a reload.
func TestTLSStays(t *testing.T) {
	e := serveTLS(t, "")
	web := filepath.Join(e.dir, "web.yaml")
	rewrite(t, web, "")
	wantErrors(t, "load", e.Load(), web+": tls_server_config: to switch TLS on or off needs a restart")
	if !e.HasTLS() {
		t.Error("TLS is off")
	}
}

func TestClient(t *testing.T) {
	f := func(address, want string) {
		t.Helper()
		got := guard.Client(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address)))
		if got != netip.MustParseAddr(want) {
			t.Errorf("Client(%s) = %s, want %s", address, got, want)
		}
	}
	f("192.0.2.1:5", "192.0.2.1")
	f("[::ffff:192.0.2.1]:5", "192.0.2.1")
	f("[2001:db8:1:2:3:4:5:6]:5", "2001:db8:1:2::")
	f("[fe80::1%eth0]:5", "fe80::")
	if got := guard.Client(&net.UnixAddr{}); got.IsValid() {
		t.Errorf("the client at a unix socket is %v", got)
	}
}
