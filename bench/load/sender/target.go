package sender

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
)

// target is a receiver on this machine.
type target struct {
	network string // udp, tcp or unixgram
	address string // host:port, or the path of a socket
}

// parseTarget reads network://host:port, or unixgram:// and an absolute path. The host is an address of the
// loopback, or localhost, which means 127.0.0.1: no name is looked up.
func parseTarget(text string) (target, error) {
	network, address, _ := strings.Cut(text, "://")
	switch network {
	case "udp", "tcp":
		return parseLoopback(text, network, address)
	case "unixgram":
		if !filepath.IsAbs(address) {
			return target{}, fmt.Errorf("target: %q: want an absolute path, unixgram:///run/weir.sock", text)
		}
		return target{network, address}, nil
	default:
		return target{}, fmt.Errorf(
			"target: %q: want udp://host:port, tcp://host:port or unixgram:///path", text)
	}
}

func parseLoopback(text, network, address string) (target, error) {
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
	return target{network, parsed.String()}, nil
}
