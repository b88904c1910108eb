package relay

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// WantTarget says what ValidTarget accepts.
const WantTarget = `want "udp://host:port" with a numeric port, like "udp://statsd:8125"`

// ValidTarget reports whether lines can be relayed to target, as WantTarget says. It resolves no name.
func ValidTarget(target string) bool {
	_, _, ok := parseTarget(target)
	return ok
}

// parseTarget splits a target into its host, which is a name or an IP address without brackets, and its port.
//
//	udp://statsd:8125    udp://[::1]:8125
//	      ^^^^^^ ^^^^           ^^^  ^^^^
func parseTarget(target string) (host string, port uint16, ok bool) {
	address, ok := strings.CutPrefix(target, "udp://")
	if !ok {
		return "", 0, false
	}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || n == 0 {
		return "", 0, false
	}
	if _, err := netip.ParseAddr(host); err != nil && !validHostName(host) {
		return "", 0, false
	}
	return host, uint16(n), true
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
