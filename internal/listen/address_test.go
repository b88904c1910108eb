package listen_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"

	"weir/internal/listen"
)

// The ports that come back are free: they can be bound.
func TestAddresses_Success(t *testing.T) {
	f := func(network string, addresses, wantIPs []string) {
		t.Helper()
		got, err := listen.Addresses(network, "ingest."+network, addresses)
		if err != nil {
			t.Fatal(err)
		}
		var ips []string
		for _, a := range got {
			if a.Port() == 0 {
				t.Errorf("%v: no port in %v", addresses, a)
			}
			ips = append(ips, a.Addr().String())
		}
		if strings.Join(ips, " ") != strings.Join(wantIPs, " ") {
			t.Errorf("Addresses(%q, %q) = %v, want %v", network, addresses, ips, wantIPs)
		}
		again, err := listen.Addresses(network, "ingest."+network, []string{got[0].String()})
		if err != nil || again[0] != got[0] {
			t.Errorf("the port of %v is not free again: %v, %v", got[0], again, err)
		}
	}
	f("udp", []string{"127.0.0.1:0"}, []string{"127.0.0.1"})
	f("tcp", []string{"127.0.0.1:0", "127.0.0.1:0"}, []string{"127.0.0.1", "127.0.0.1"})
	f("tcp", []string{"localhost:0"}, lookup(t, "localhost"))
}

// lookup returns the addresses of a host in the order of the resolver.
func lookup(t *testing.T, host string) (list []string) {
	t.Helper()
	ips, err := net.DefaultResolver.LookupNetIP(t.Context(), "ip", host)
	if err != nil {
		t.Skipf("%s does not resolve: %v", host, err)
	}
	for _, ip := range ips {
		c, err := net.ListenPacket("udp", netip.AddrPortFrom(ip.Unmap(), 0).String())
		if err != nil {
			t.Skipf("cannot listen on %v: %v", ip, err)
		}
		c.Close()
		list = append(list, ip.Unmap().String())
	}
	return list
}

// No host means all interfaces, with the same port for both families.
func TestAddressesOfAllInterfaces(t *testing.T) {
	got, err := listen.Addresses("udp", "ingest.udp", []string{":0"})
	if err != nil {
		t.Fatal(err)
	}
	if !got[0].Addr().Is4() || !got[0].Addr().IsUnspecified() {
		t.Errorf("first address %v, want all of IPv4", got[0])
	}
	if len(got) == 2 && got[1].Port() != got[0].Port() {
		t.Errorf("the families have different ports: %v", got)
	}
}

func TestAddresses_Failure(t *testing.T) {
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	f := func(network, address string, cause error, want string) {
		t.Helper()
		_, err := listen.Addresses(network, "some.key", []string{"127.0.0.1:0", address})
		typed, ok := errors.AsType[*listen.Error](err)
		if !ok || typed.Address != address || !strings.Contains(err.Error(), "some.key") {
			t.Fatalf("Addresses(%q, %q) = %v, want an *Error with that address and its key", network, address, err)
		}
		if cause != nil && !errors.Is(err, cause) || !strings.Contains(err.Error(), want) {
			t.Errorf("Addresses(%q, %q) = %v, want %v, %q", network, address, err, cause, want)
		}
	}
	f("udp", udp.LocalAddr().String(), syscall.EADDRINUSE, fmt.Sprintf("(process %d) has it: stop that process", os.Getpid()))
	f("tcp", "127.0.0.1", nil, "missing port")
	f("tcp", "127.0.0.1:http", nil, `port "http" is not a number`)
	f("tcp", "127.0.0.1:65536", nil, `port "65536" is not a number`)
	f("udp", "192.0.2.1:0", syscall.EADDRNOTAVAIL, "does not have that address") // TEST-NET-1
}

// Every address that is taken or wrong is in the error, not only the first.
func TestAddressesNamesAll(t *testing.T) {
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	taken := tcp.Addr().String()
	_, err = listen.Addresses("tcp", "some.key", []string{taken, "127.0.0.1:0", "127.0.0.1:http"})
	for _, want := range []string{taken, "127.0.0.1:http"} {
		if err == nil || !strings.Contains(err.Error(), "listen on tcp "+want) {
			t.Errorf("the error is %v, want %s in it", err, want)
		}
	}
}

func TestFamily(t *testing.T) {
	for address, want := range map[string]string{"127.0.0.1:1": "udp4", "[::1]:1": "udp6", "[::]:0": "udp6"} {
		if got := listen.Family("udp", netip.MustParseAddrPort(address)); got != want {
			t.Errorf("Family(udp, %s) = %s, want %s", address, got, want)
		}
	}
}
