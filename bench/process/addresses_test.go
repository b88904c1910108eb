package process_test

import (
	"net"
	"testing"

	"weir/bench/process"
)

func TestAddresses(t *testing.T) {
	at := process.Addresses{UDP: "127.0.0.1:1", TCP: "[::1]:2"}
	if at.Of("udp") != at.UDP || at.Of("tcp") != at.TCP {
		t.Errorf("of udp %s, of tcp %s, want %+v", at.Of("udp"), at.Of("tcp"), at)
	}
	f := func(address string, want int) {
		t.Helper()
		if got := process.Port(address); got != want {
			t.Errorf("port of %q = %d, want %d", address, got, want)
		}
	}
	f("127.0.0.1:9125", 9125)
	f("[::1]:2", 2)
	f("127.0.0.1", 0)
	f("127.0.0.1:http", 0)
}

// Ports that are picked are free, and none is picked twice, by whichever program.
func TestPorts(t *testing.T) {
	ports, seen := new(process.Ports), make(map[string]bool)
	g := script(t, "exit 0")
	g.Ports = ports
	g.Args = func(at process.Addresses) ([]string, error) {
		for network, address := range map[string]string{"udp": at.UDP, "tcp": at.TCP, "http": at.HTTP} {
			if key := network + address; seen[key] {
				t.Errorf("%s was picked twice", key)
			} else {
				seen[key] = true
			}
		}
		if at.TCP == at.HTTP {
			t.Errorf("%s was picked twice", at.TCP)
		}
		listener, err := net.Listen("tcp", at.HTTP)
		if err != nil {
			t.Error(err)
			return nil, nil
		}
		return nil, listener.Close()
	}
	for range 20 {
		process.Launch(t, g)
	}
}
