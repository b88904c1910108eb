package relay_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weir/ingest/relay"
	"weir/internal/poll"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeServer is a server that keeps every datagram it receives.
type fakeServer struct {
	conn *net.UDPConn
	done sync.WaitGroup

	mu        sync.Mutex
	datagrams []string // guarded by mu
}

func newFakeServer(t *testing.T, address string) *fakeServer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address)))
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadBuffer(1 << 20) // so that a slow reader loses nothing of what a test sends
	s := &fakeServer{conn: conn}
	s.done.Go(s.read) // ends when the socket is closed
	t.Cleanup(s.close)
	return s
}

func (s *fakeServer) read() {
	b := make([]byte, 1<<16)
	for {
		n, err := s.conn.Read(b)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.datagrams = append(s.datagrams, string(b[:n]))
		s.mu.Unlock()
	}
}

func (s *fakeServer) close() {
	s.conn.Close()
	s.done.Wait()
}

func (s *fakeServer) address() string { return s.conn.LocalAddr().String() }
func (s *fakeServer) target() string  { return "udp://" + s.address() }

func (s *fakeServer) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.datagrams)
}

// lines returns the lines that came, sorted.
func (s *fakeServer) lines() []string {
	var lines []string
	for _, d := range s.got() {
		lines = append(lines, strings.Split(strings.TrimSuffix(d, "\n"), "\n")...)
	}
	slices.Sort(lines)
	return lines
}

func startRelay(t *testing.T, settings relay.Settings, targets ...string) *relay.Relay {
	t.Helper()
	r := relay.NewTest(settings, targets...)
	r.Start()
	t.Cleanup(func() { closeRelay(r) })
	return r
}

func closeRelay(r *relay.Relay) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r.Close(ctx)
}

// until waits until done returns true, at most ten seconds.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	poll.Within(t, 10*time.Second, func() error {
		if !done() {
			return fmt.Errorf("still without: %s", what)
		}
		return nil
	})
}

// nowhere is a name service that never answers: it holds a target whose address is a name.
func nowhere(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
