package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// Addresses resolves addresses of network "udp" or "tcp", which the configuration has under key, to one
// "ip:port" for each socket to open. An address is "host:port" with a numeric port: its host is an IP
// address, a name (every IP address it resolves to), or empty (all interfaces, IPv4 and IPv6); port 0 takes a
// free port. The ports that Addresses returns are not 0, and no other process holds them. An error has an
// *Error for each address that is wrong or taken.
//
// SO_REUSEPORT lets a second process of the same user bind the same port without an error and take part of
// the traffic. So Addresses first binds each address without that option, and releases it.
func Addresses(network, key string, addresses []string) ([]netip.AddrPort, error) {
	var all []netip.AddrPort
	var errs []error
	for _, address := range addresses {
		ips, port, err := resolve(address)
		if err != nil {
			errs = append(errs, NewError(network, address, key, err))
			continue
		}
		for _, ip := range ips {
			bound, err := probe(network, netip.AddrPortFrom(ip, port))
			if errors.Is(err, syscall.EAFNOSUPPORT) && ip == netip.IPv6Unspecified() {
				continue // all interfaces of a system without IPv6
			}
			if err != nil {
				at := netip.AddrPortFrom(ip, port).String()
				errs = append(errs, NewError(network, at, key, err))
				continue
			}
			port = bound.Port() // a free port is the same for both families
			all = append(all, bound)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return all, nil
}

// resolve returns every IP address that address names, and its port.
func resolve(address string) ([]netip.Addr, uint16, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, 0, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, 0, fmt.Errorf("port %q is not a number from 0 to 65535", portText)
	}
	if host == "" {
		return []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}, uint16(port), nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, uint16(port), nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(context.Background(), "ip", host)
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	return ips, uint16(port), err
}

// probe binds address alone and releases it; it returns the address with the port that was bound.
func probe(network string, address netip.AddrPort) (netip.AddrPort, error) {
	var bound net.Addr
	if network == "tcp" {
		ln, err := net.ListenTCP(Family(network, address), net.TCPAddrFromAddrPort(address))
		if err != nil {
			return netip.AddrPort{}, err
		}
		defer ln.Close()
		bound = ln.Addr()
	} else {
		conn, err := net.ListenUDP(Family(network, address), net.UDPAddrFromAddrPort(address))
		if err != nil {
			return netip.AddrPort{}, err
		}
		defer conn.Close()
		bound = conn.LocalAddr()
	}
	return netip.ParseAddrPort(bound.String())
}

// Family returns network with the IP version of address, like "udp4": a socket of it takes no other version.
func Family(network string, address netip.AddrPort) string {
	if address.Addr().Is4() {
		return network + "4"
	}
	return network + "6"
}
