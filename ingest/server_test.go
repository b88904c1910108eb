package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"weir/aggregate"
	"weir/ingest"
	"weir/internal/poll"
	"weir/protocol"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// gnet keeps a pool of goroutines for the life of the process, whose cleaners tick.
		goleak.IgnoreAnyFunction("github.com/panjf2000/ants/v2.(*poolCommon).purgeStaleWorkers"),
		goleak.IgnoreAnyFunction("github.com/panjf2000/ants/v2.(*poolCommon).ticktock"))
}

// start starts a server on free ports of the loopback, with change applied to the options.
func start(t *testing.T, change func(*ingest.Options)) (*ingest.Server, *aggregate.Registry) {
	t.Helper()
	o := ingest.DefaultOptions()
	o.UDP, o.TCP, o.Loops = []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}, 2
	if change != nil {
		change(&o)
	}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	registry := aggregate.New(aggregate.DefaultOptions())
	s := ingest.NewServer(o, registry, zerolog.New(zerolog.NewTestWriter(t)))
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s, registry
}

func stop(t *testing.T, s *ingest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// addresses returns where a server takes lines by one transport.
func addresses(s *ingest.Server, transport string) (list []netip.AddrPort) {
	for _, l := range s.Listeners() {
		if l.Transport == transport {
			list = append(list, netip.MustParseAddrPort(l.Address))
		}
	}
	return list
}

// address returns the one address of a transport.
func address(t *testing.T, s *ingest.Server, transport string) netip.AddrPort {
	t.Helper()
	list := addresses(s, transport)
	if len(list) == 0 {
		t.Fatalf("no address of %s in %v", transport, s.Listeners())
	}
	return list[0]
}

// ledger returns the current ledger of one transport.
func ledger(s *ingest.Server, transport string) ingest.Ledger {
	stats := s.Stats()
	return stats.Transport(transport).Ledger
}

// total returns the current counts of all transports together.
func total(s *ingest.Server) ingest.TransportStats {
	stats := s.Stats()
	return stats.Total()
}

func dial(t *testing.T, network string, to netip.AddrPort) net.Conn {
	t.Helper()
	c, err := net.Dial(network, to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatalf("send %.40q: %v", text, err)
	}
}

// A server can listen at once on the address of another that has just closed connections.
func TestRestartOnSamePort(t *testing.T) {
	first, registry := start(t, nil)
	send(t, dial(t, "tcp", address(t, first, "tcp")), "a:1|c\n")
	eventually(t, func() (bool, string) {
		sums := totals(registry)
		return sums["a"] == 1, fmt.Sprint(sums)
	})
	stop(t, first)
	second, _ := start(t, func(o *ingest.Options) { o.TCP = []string{address(t, first, "tcp").String()} })
	if got, want := address(t, second, "tcp"), address(t, first, "tcp"); got != want {
		t.Errorf("the second server listens on %v, want %v", got, want)
	}
}

// eventually waits until done returns true, at most ten seconds. The text of done describes what it sees.
func eventually(t *testing.T, done func() (bool, string)) {
	t.Helper()
	poll.Within(t, 10*time.Second, func() error {
		if ok, seen := done(); !ok {
			return errors.New(seen)
		}
		return nil
	})
}

func totals(r *aggregate.Registry) map[string]float64 {
	sums := map[string]float64{}
	for _, f := range r.Snapshot().Families {
		for _, s := range f.Series {
			sums[f.Name()] += s.Value()
		}
	}
	return sums
}

func eventuallyTotals(t *testing.T, r *aggregate.Registry, want string) {
	t.Helper()
	eventually(t, func() (bool, string) {
		got := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(totals(r)), "map["), "]")
		return got == want, fmt.Sprintf("totals %s, want %s", got, want)
	})
}

func eventuallyUDP(t *testing.T, s *ingest.Server, want func(l ingest.Ledger) bool) {
	t.Helper()
	eventually(t, func() (bool, string) {
		l := ledger(s, "udp")
		return want(l), fmt.Sprintf("ledger %+v", l)
	})
}

func balanced(t *testing.T, l ingest.Ledger) {
	t.Helper()
	sum := uint64(0)
	for _, n := range l.Outcomes {
		sum += n
	}
	if sum != l.Samples {
		t.Errorf("the ledger does not balance: %d samples, %d outcomes: %+v", l.Samples, sum, l)
	}
	sum = 0
	for _, n := range l.Recorded {
		sum += n
	}
	if recorded := l.Outcomes[protocol.ReasonNone]; sum != recorded {
		t.Errorf("the ledger does not balance: %d recorded, %d by kind: %+v", recorded, sum, l)
	}
}

func TestUDP(t *testing.T) {
	s, registry := start(t, nil)
	c := dial(t, "udp", address(t, s, "udp"))
	send(t, c, "a:1|c\nb:2|c\n")
	send(t, c, "a:1|c|#x:y\r\n\nbad\n")
	send(t, c, "")
	eventuallyTotals(t, registry, "a:2 b:2")
	eventuallyUDP(t, s, func(l ingest.Ledger) bool { return l.Datagrams == 3 })
	l := ledger(s, "udp")
	balanced(t, l)
	if l.Lines != 4 || l.Samples != 4 || l.Bytes != 29 || l.Outcomes[protocol.ReasonMalformedLine] != 1 {
		t.Errorf("ledger = %+v, want 4 lines and samples, 29 bytes, one malformed", l)
	}
}

func TestUDPFamiliesAndAddresses(t *testing.T) {
	listen := []string{"127.0.0.1:0", "127.0.0.2:0"}
	if c, err := net.ListenPacket("udp6", "[::1]:0"); err == nil {
		_ = c.Close()
		listen = append(listen, "[::1]:0")
	}
	s, registry := start(t, func(o *ingest.Options) { o.UDP, o.TCP = listen, nil })
	bound := addresses(s, "udp")
	if len(bound) != len(listen) {
		t.Fatalf("bound %v for %v", bound, listen)
	}
	for i, address := range bound {
		send(t, dial(t, "udp", address), fmt.Sprintf("a%d:1|c", i))
	}
	eventually(t, func() (bool, string) {
		got := totals(registry)
		return len(got) == len(listen), fmt.Sprint(got)
	})
}

func TestUDPAllInterfaces(t *testing.T) {
	s, registry := start(t, func(o *ingest.Options) { o.UDP, o.TCP = []string{":0"}, nil })
	if got := addresses(s, "udp"); len(got) == 2 && got[0].Port() != got[1].Port() {
		t.Errorf("the families have different ports: %v", got)
	}
	send(t, dial(t, "udp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), address(t, s, "udp").Port())), "a:1|c")
	eventuallyTotals(t, registry, "a:1")
}

// A burst is taken in order and completely, whether gnet or recvmmsg reads a datagram.
func TestUDPBurst(t *testing.T) {
	s, registry := start(t, func(o *ingest.Options) { o.Loops = 4 })
	const senders, datagrams = 4, 500
	for range senders {
		c := dial(t, "udp", address(t, s, "udp"))
		for i := range datagrams {
			send(t, c, fmt.Sprintf("a:1|c\nb:%d|g", i))
		}
	}
	eventually(t, func() (bool, string) {
		stats := total(s)
		drops := uint64(0)
		for _, socket := range stats.Sockets {
			drops += socket.KernelDrops
		}
		return stats.Ledger.Datagrams+drops == senders*datagrams, fmt.Sprintf("%+v", stats)
	})
	l := ledger(s, "udp")
	balanced(t, l)
	if got := totals(registry)["a"]; got != float64(l.Datagrams) {
		t.Errorf("counted %v of %d datagrams", got, l.Datagrams)
	}
}

func TestUDPTruncated(t *testing.T) {
	s, registry := start(t, func(o *ingest.Options) { o.MaxDatagram, o.Loops = 64, 1 })
	c := dial(t, "udp", address(t, s, "udp"))
	const n = 200
	for range n { // the first of a burst is read by gnet, the others by recvmmsg
		send(t, c, "whole:1|c\n"+"cut:1234567890|c|#"+strings.Repeat("x", 60))
	}
	eventuallyUDP(t, s, func(l ingest.Ledger) bool { return l.Datagrams == n })
	l := ledger(s, "udp")
	balanced(t, l)
	if l.DatagramsTruncated != n || l.Outcomes[protocol.ReasonTruncated] != n || l.Bytes != n*64 {
		t.Errorf("ledger = %+v, want %d truncated of 64 bytes", l, n)
	}
	eventuallyTotals(t, registry, fmt.Sprintf("whole:%d", n))
}

func TestUDPLargestDatagram(t *testing.T) {
	s, registry := start(t, nil)
	c := dial(t, "udp", address(t, s, "udp"))
	text := strings.Repeat("a:1|c\n", 65507/6)
	for range 3 {
		send(t, c, text)
	}
	eventuallyTotals(t, registry, fmt.Sprintf("a:%d", 3*(65507/6)))
	if l := ledger(s, "udp"); l.DatagramsTruncated != 0 {
		t.Errorf("%d truncated, want none", l.DatagramsTruncated)
	}
}

func TestPanicCostsOneDatagram(t *testing.T) {
	l := ingest.Panicking("a:1|c\na:1|c", "a:1|c", "bad")
	balanced(t, l)
	if l.Panics != 2 || l.Outcomes[protocol.ReasonInternal] != 3 ||
		l.Outcomes[protocol.ReasonMalformedLine] != 1 {
		t.Errorf("ledger = %+v, want 2 panics that cost 3 samples, and the line after them", l)
	}
}

func TestAddressInUse(t *testing.T) {
	first, _ := start(t, nil)
	f := func(network string, o ingest.Options) {
		t.Helper()
		s := ingest.NewServer(o, aggregate.New(aggregate.DefaultOptions()), zerolog.Nop())
		err := s.Start()
		if err == nil {
			stop(t, s)
			t.Fatalf("a second server could listen on %s", network)
		}
		for _, want := range []string{network, "127.0.0.1:", "in use", "ingest." + network} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q lacks %q", err, want)
			}
		}
	}
	o := ingest.DefaultOptions()
	o.UDP, o.TCP = []string{address(t, first, "udp").String()}, nil
	f("udp", o)
	o.UDP, o.TCP = nil, []string{address(t, first, "tcp").String()}
	f("tcp", o)
}

func TestCloseTakesWhatIsQueued(t *testing.T) {
	s, registry := start(t, func(o *ingest.Options) { o.Loops, o.Coalesce = 2, 0 })
	udp, tcp := dial(t, "udp", address(t, s, "udp")), dial(t, "tcp", address(t, s, "tcp"))
	send(t, tcp, "t:1|c\n")
	eventuallyTotals(t, registry, "t:1") // the connection is accepted
	const n = 300
	for range n {
		send(t, udp, "u:1|c")
		send(t, tcp, "t:1|c\n")
	}
	send(t, tcp, "t:1|c") // without its newline
	stop(t, s)
	stop(t, s) // safe twice
	if got := totals(registry); got["u"] != n || got["t"] != n+2 {
		t.Errorf("after close: %v, want u:%d t:%d", got, n, n+2)
	}
	balanced(t, ledger(s, "udp"))
	balanced(t, ledger(s, "tcp"))
}
