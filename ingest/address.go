package ingest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"weir/internal/listen"
)

// endpoints resolves addresses as Options describes them to one "ip:port" for each socket to open, with
// ports that are not 0 and that no other process holds. network is "udp" or "tcp".
//
// SO_REUSEPORT lets a second process of the same user bind the same port without an error and take part of
// the traffic, so each address is first bound without it, and released.
func endpoints(network string, addresses []string) ([]netip.AddrPort, error) {
	var all []netip.AddrPort
	for _, address := range addresses {
		ips, port, err := resolve(address)
		if err != nil {
			return nil, listenError(network, address, err)
		}
		for _, ip := range ips {
			at, err := probe(network, netip.AddrPortFrom(ip, port))
			if errors.Is(err, syscall.EAFNOSUPPORT) && ip == netip.IPv6Unspecified() {
				continue // all interfaces of a system without IPv6
			}
			if err != nil {
				return nil, listenError(network, netip.AddrPortFrom(ip, port).String(), err)
			}
			port = at.Port() // port 0 was resolved: the same for every family
			all = append(all, at)
		}
	}
	return all, nil
}

// resolve returns every IP address that address names.
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
		ln, err := net.ListenTCP(family(network, address), net.TCPAddrFromAddrPort(address))
		if err != nil {
			return netip.AddrPort{}, err
		}
		defer ln.Close()
		bound = ln.Addr()
	} else {
		conn, err := net.ListenUDP(family(network, address), net.UDPAddrFromAddrPort(address))
		if err != nil {
			return netip.AddrPort{}, err
		}
		defer conn.Close()
		bound = conn.LocalAddr()
	}
	return netip.ParseAddrPort(bound.String())
}

// family returns network with the IP version of address, so that no socket takes both.
func family(network string, address netip.AddrPort) string {
	if address.Addr().Is4() {
		return network + "4"
	}
	return network + "6"
}

// listenError says what cannot be opened, why, and what to do.
func listenError(network, address string, err error) error {
	return &listen.Error{Network: network, Address: address, Key: "ingest." + network, Err: err}
}
