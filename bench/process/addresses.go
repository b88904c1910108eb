package process

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
)

// Addresses are where a process listens, each as host:port. A program uses the addresses that it has a use
// for.
type Addresses struct {
	UDP  string // for lines
	TCP  string // for lines
	HTTP string // for scrapes
	Path string // of the exposition below HTTP; empty means /metrics
}

// Host is the address of the loopback that programs listen at.
const Host = "127.0.0.1"

// anyPort is an address of which the program picks the port.
const anyPort = Host + ":0"

// Of returns the address for lines over a network, "tcp" or "udp".
func (a *Addresses) Of(network string) string {
	if network == "tcp" {
		return a.TCP
	}
	return a.UDP
}

// Port returns the port of an address; that of one without a port is 0.
func Port(address string) int {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return 0
	}
	return number
}

// Ports pick free ports of the loopback, none twice. The zero value is ready, and may be used by any
// goroutine.
type Ports struct {
	mu     sync.Mutex
	picked map[string]bool
}

// pickAttempts bounds how often the kernel may offer a port that was picked before.
const pickAttempts = 1000

// pick returns addresses on which nothing listened a moment ago.
func (p *Ports) pick() (a Addresses, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.picked == nil {
		p.picked = make(map[string]bool)
	}
	for _, to := range []struct {
		network string
		address *string
	}{{"udp", &a.UDP}, {"tcp", &a.TCP}, {"tcp", &a.HTTP}} {
		if *to.address, err = p.pickLocked(to.network); err != nil {
			return a, fmt.Errorf("find a free %s port: %w", to.network, err)
		}
	}
	return a, nil
}

func (p *Ports) pickLocked(network string) (string, error) {
	for range pickAttempts {
		address, err := offered(network)
		if err != nil {
			return "", err
		}
		if key := network + " " + address; !p.picked[key] {
			p.picked[key] = true
			return address, nil
		}
	}
	return "", errors.New("the kernel offers only ports that were picked before")
}

// offered returns an address whose port the kernel picks.
func offered(network string) (string, error) {
	if network == "udp" {
		conn, err := net.ListenPacket("udp", anyPort)
		if err != nil {
			return "", err
		}
		return conn.LocalAddr().String(), conn.Close()
	}
	listener, err := net.Listen("tcp", anyPort)
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
