package status

import (
	"net"
	"net/netip"
	"strings"
)

// Access says who may ask while no authentication is configured. It is a key of the configuration.
type Access string

// The values of Access.
const (
	AccessLoopback Access = "loopback" // only programs on this host
	AccessAll      Access = "all"
	AccessOff      Access = "off" // nobody, whatever the authentication
)

// IsKnown reports whether a is one of the values.
func (a Access) IsKnown() bool { return a == AccessLoopback || a == AccessAll || a == AccessOff }

// Refusal returns why a client at an address may not ask, and what to do; empty when it may. host is the
// header Host. It is for clients that need no credentials.
//
// A page of another site can make a browser on this host send requests, and read the answers once it has its
// own name resolve to 127.0.0.1 (DNS rebinding). Such a request has the name in its Host, so only localhost
// and addresses are accepted there.
func (a Access) Refusal(from netip.Addr, host string) string {
	switch {
	case a == AccessOff:
		return "the status page and the API are off; endpoint.status: loopback or all opens them"
	case a == AccessAll:
		return ""
	case !from.Unmap().IsLoopback():
		return "endpoint.status is loopback: without authentication the status page and the API answer " +
			"only clients on this host; configure authentication, or set endpoint.status: all"
	case !isLocalHost(host):
		return "endpoint.status is loopback: the Host of a request must be localhost or an IP address"
	default:
		return ""
	}
}

// isLocalHost reports whether a Host is localhost or an IP address, with or without a port.
func isLocalHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	_, err = netip.ParseAddr(name)
	return err == nil
}
