package relay

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// WantTarget says what ValidTarget accepts.
const WantTarget = `want "udp://host:port", "tcp://host:port" or "tls://host:port" with a numeric port, ` +
	`like "udp://statsd:8125"`

// The networks of targets.
const (
	networkUDP = "udp"
	networkTCP = "tcp"
	networkTLS = "tls" // TLS over TCP
)

// address is a target, taken apart.
type address struct {
	network string
	host    string // a name, or an IP address without brackets
	port    uint16
}

// ValidTarget reports whether lines can be relayed to target, as WantTarget says. It resolves no name.
func ValidTarget(target string) bool {
	_, ok := parseTarget(target)
	return ok
}

// IsTLS reports whether a valid target is reached by TLS.
func IsTLS(target string) bool {
	a, _ := parseTarget(target)
	return a.network == networkTLS
}

// parseTarget takes a target apart.
//
//	udp://statsd:8125    tls://[::1]:8125
//	^^^   ^^^^^^ ^^^^    ^^^    ^^^  ^^^^
func parseTarget(target string) (a address, ok bool) {
	network, hostPort, ok := strings.Cut(target, "://")
	if !ok || !slices.Contains([]string{networkUDP, networkTCP, networkTLS}, network) {
		return address{}, false
	}
	host, portText, err := net.SplitHostPort(hostPort)
	if err != nil {
		return address{}, false
	}
	n, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || n == 0 {
		return address{}, false
	}
	if _, err := netip.ParseAddr(host); err != nil && !validHostName(host) {
		return address{}, false
	}
	return address{network: network, host: host, port: uint16(n)}, true
}

// validHostName reports whether every byte of name may be part of a host name (RFC 1123, and the '_' of
// container names).
func validHostName(name string) bool {
	const punctuation = "-._"
	for _, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte(punctuation, c) < 0 {
			return false
		}
	}
	return name != "" && len(name) <= 255
}
