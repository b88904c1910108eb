package sender

import (
	"fmt"
	"net/netip"
	"strings"
)

// target is a receiver on the loopback.
type target struct {
	network string // udp or tcp
	address netip.AddrPort
}

// parseTarget reads network://host:port. The host is an address of the loopback, or localhost, which means
// 127.0.0.1: no name is looked up.
func parseTarget(text string) (target, error) {
	network, address, found := strings.Cut(text, "://")
	if !found || network != "udp" && network != "tcp" {
		return target{}, fmt.Errorf("target: %q: want udp://host:port or tcp://host:port", text)
	}
	if port, is := strings.CutPrefix(address, "localhost:"); is {
		address = "127.0.0.1:" + port
	}
	parsed, err := netip.ParseAddrPort(address)
	if err != nil || parsed.Port() == 0 {
		return target{}, fmt.Errorf("target: %q: want a loopback address and a port, 127.0.0.1:9125", text)
	}
	if !parsed.Addr().Unmap().IsLoopback() {
		return target{}, fmt.Errorf(
			"target: %q: %v is not a loopback address; this program sends nowhere else", text, parsed.Addr())
	}
	return target{network, parsed}, nil
}
