package expose_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/expose"
)

const (
	health  = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
	scrape  = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
	partial = "GET /metrics HTTP/1.1\r\nHo"
)

// address returns an address of the loopback.
func address(i int) string { return fmt.Sprintf("127.0.1.%d", i) }

// visitor is a connection of an address of the loopback.
type visitor struct {
	net.Conn
	*bufio.Reader
}

// from connects from an address of the loopback and sends a request.
func (x *target) from(t testing.TB, address, request string) *visitor {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", x.Addr().String())
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Skip("the loopback has only one address here")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(conn, request) // weir may have closed it already
	return &visitor{conn, bufio.NewReader(conn)}
}

// want reads the beginning of an answer.
func (c *visitor) want(t testing.TB, status int) {
	t.Helper()
	answer, err := c.ReadString('\n')
	if !strings.HasPrefix(answer, fmt.Sprintf("HTTP/1.1 %d ", status)) {
		t.Errorf("%v was answered %q (%v), want %d", c.LocalAddr(), answer, err, status)
	}
}

// isOpen reports whether a connection on which nothing comes is still open.
func (c *visitor) isOpen() bool {
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err := io.Copy(io.Discard, c.Reader)
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// limited serves with at most so many connections, a quarter of them for one client.
func limited(t testing.TB, most int) *target {
	t.Helper()
	x := prepare(t, nothing, expose.Observers{}, nil)
	x.SetMaxConnections(most)
	x.start(t)
	return x
}

func wantRoom(t testing.TB, x *target, evicted uint64) {
	t.Helper()
	if s := x.Stats(); s.Evicted != evicted || s.Refused != 0 {
		t.Errorf("%d evicted, %d refused, want %d and none", s.Evicted, s.Refused, evicted)
	}
}

// The connection that has been idle for the longest is closed for a new one, of the client with most.
func TestIdleConnectionsGiveWay(t *testing.T) {
	x := limited(t, 8)
	var held []*visitor
	for i := range 8 {
		c := x.from(t, address(2+i/2), health)
		c.want(t, 200)
		x.until(t, "idle", func(expose.Stats) bool { return x.Idle() == i+1 })
		held = append(held, c)
	}
	x.from(t, address(9), health).want(t, 200)
	wantRoom(t, x, 1)
	for i, c := range held {
		if c.isOpen() != (i != 0) {
			t.Errorf("connection %d is open: %v", i, i == 0)
		}
	}
}

// Close ends idle connections at once, also connections that become idle while it waits for an answer.
func TestCloseEndsIdleConnections(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	x := prepare(t, gatherer(func() ([]*dto.MetricFamily, error) {
		asked <- struct{}{}
		<-release
		return nil, nil
	}), expose.Observers{}, nil)
	x.start(t)
	idle, scraper := x.from(t, address(2), health), x.from(t, address(3), scrape)
	idle.want(t, 200)
	<-asked
	closed := make(chan error)
	go func() { closed <- x.Close(t.Context()) }() // ends when the scraper is answered
	if _, err := io.Copy(io.Discard, idle.Reader); err != nil {
		t.Errorf("the idle connection ends with %v", err)
	}
	close(release)
	scraper.want(t, 200)
	if _, err := io.Copy(io.Discard, scraper.Reader); err != nil {
		t.Errorf("the connection of the scraper ends with %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// One client that has as many connections as it may gives way to itself, and to nobody else.
func TestClientGivesWayToItself(t *testing.T) {
	x := limited(t, 32)
	most, _ := x.MaxPerClient()
	other := x.from(t, address(2), health)
	other.want(t, 200)
	first := x.from(t, address(3), health)
	first.want(t, 200)
	x.until(t, "idle", func(expose.Stats) bool { return x.Idle() == 2 })
	for range 3 * most {
		x.from(t, address(3), health).want(t, 200)
	}
	wantRoom(t, x, uint64(2*most+1))
	if first.isOpen() || !other.isOpen() {
		t.Errorf("its oldest is open: %v, that of another client: %v", first.isOpen(), other.isOpen())
	}
}

// A client with few connections is not in the way of clients with many, though it has not asked yet.
func TestFewAreNotInTheWayOfMany(t *testing.T) {
	x := limited(t, 16)
	patient := x.from(t, address(9), partial)
	for i := range 64 {
		x.from(t, address(2+i%4), partial)
	}
	_, _ = io.WriteString(patient, "st: x\r\n\r\n")
	patient.want(t, 200)
}

// Answers that clients do not read are cut when there would be too many, and others are not.
func TestStalledAnswersGiveWay(t *testing.T) {
	x := prepare(t, nothing, expose.Observers{}, nil)
	x.SetMaxConnections(32)
	x.wide(t)
	x.start(t)
	_, answered := x.MaxPerClient()
	for range answered {
		x.from(t, address(2), scrape)
	}
	x.until(t, "stalled", func(expose.Stats) bool { return x.Stalled() == answered })
	for range 3 {
		x.from(t, address(2), scrape).want(t, 200)
	}
	wantRoom(t, x, 3)
	x.from(t, address(3), scrape).want(t, 200)
	wantRoom(t, x, 3)
}

// While all answers of a client, or of all clients, wait for their exposition, another request is told to come
// back, and health routes are answered.
func TestTooManyAnswers(t *testing.T) {
	release := make(chan struct{})
	x := prepare(t, gatherer(func() ([]*dto.MetricFamily, error) {
		<-release
		return nil, nil
	}), expose.Observers{}, nil)
	x.SetMaxConnections(32)
	x.start(t)
	defer close(release)
	_, answered := x.MaxPerClient()
	busy := func(i int) {
		for range answered {
			x.from(t, address(i), scrape)
		}
	}
	busy(2)
	x.until(t, "waiting", func(s expose.Stats) bool { return s.InFlight == int64(answered) })
	x.from(t, address(2), scrape).want(t, 503)
	for i := 3; i < 2+x.MaxAnswers()/answered; i++ {
		busy(i)
	}
	x.until(t, "waiting", func(s expose.Stats) bool { return s.InFlight == int64(x.MaxAnswers()) })
	x.from(t, address(7), scrape).want(t, 503)
	for i := 2; i <= 7; i++ {
		x.from(t, address(i), health).want(t, 200)
	}
}

// When the process is out of descriptors, an idle connection makes room.
func TestNoDescriptors(t *testing.T) {
	x := limited(t, 32)
	idle := x.from(t, address(2), health)
	idle.want(t, 200)
	if err := x.AcceptAfter(syscall.EMFILE); err != nil {
		t.Fatal(err)
	}
	if idle.isOpen() {
		t.Error("the idle connection is still open")
	}
	wantRoom(t, x, 1)
}

// A client of whose requests many are being answered gets what scrapers share: each that waited for a collection
// of its own could not be closed to make room. When they are answered, it gets the values of now again.
func TestManyRequestsShare(t *testing.T) {
	x := serve(t, nothing, func(o *expose.Options) { o.Cache.Enabled, o.Cache.TTL = true, time.Minute })
	var stalled []net.Conn
	for range 10 {
		stalled = append(stalled, x.stall(t))
	}
	x.until(t, "ten answers stall", func(expose.Stats) bool { return x.Stalled() == 10 })
	collections := func() uint64 {
		t.Helper()
		if response, body := x.do(t, "GET", "/metrics"); response.StatusCode != 200 || !strings.Contains(body, "wide_count") {
			t.Errorf("%d %.100s", response.StatusCode, body)
		}
		return x.Stats().Collections
	}
	before := x.Stats().Collections
	if got := collections(); got != before {
		t.Errorf("%d collections while ten requests are being answered, want %d", got, before)
	}
	for _, c := range stalled {
		_ = c.Close()
	}
	x.until(t, "no answer stalls", func(s expose.Stats) bool { return s.InFlight == 0 })
	if got := collections(); got != before+1 {
		t.Errorf("%d collections, want %d: nobody else asks", got, before+1)
	}
}
