package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"weir/ingest"
)

// logReady says where to send lines, where to look at them, and who reaches that: the first line of the log.
func (a *App) logReady() {
	listeners := a.ingest.Listeners()
	event := a.log.Info().Str("http", a.expose.Addr().String()+a.config.Expose.Endpoint.Path)
	addresses := make(map[string][]string) // by transport
	for _, l := range listeners {
		addresses[l.Transport] = append(addresses[l.Transport], l.Address)
	}
	for transport, list := range addresses {
		event = event.Str(transport, strings.Join(list, ","))
	}
	event.Msgf("ready: send lines to %s%s; look at %s",
		senders(listeners), containerHint(listeners), a.lookAt())
}

// senders returns the addresses that lines are taken on, each with its transports.
func senders(listeners []ingest.Listener) string {
	var order []string
	transports := make(map[string][]string)
	for _, l := range listeners {
		address := l.Address
		if ip, err := netip.ParseAddrPort(address); err == nil && ip.Addr().IsUnspecified() {
			address = fmt.Sprintf("port %d of every interface", ip.Port()) // of either family
		}
		if !slices.Contains(order, address) {
			order = append(order, address)
		}
		if !slices.Contains(transports[address], l.Transport) {
			transports[address] = append(transports[address], l.Transport)
		}
	}
	for i, address := range order {
		order[i] = fmt.Sprintf("%s (%s)", address, strings.Join(transports[address], ", "))
	}
	return strings.Join(order, ", ")
}

// containerHint says what to set so that others than this machine can send lines; empty when they can. In a
// container, this machine is the container alone.
func containerHint(listeners []ingest.Listener) string {
	var keys []string
	port := uint16(0)
	for _, l := range listeners {
		address, err := netip.ParseAddrPort(l.Address)
		if err != nil { // the path of a unix socket
			continue
		}
		if !address.Addr().IsLoopback() {
			return ""
		}
		if key := "ingest." + l.Transport; !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		port = address.Port()
	}
	if len(keys) == 0 {
		return ""
	}
	return fmt.Sprintf(", from this machine only (in a container set %s to \":%d\")",
		strings.Join(keys, " and "), port)
}

// lookAt returns where the metrics are, as this machine reaches them, and who else does.
func (a *App) lookAt() string {
	scheme, who := "http", ""
	if a.expose.HasTLS() {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(a.expose.Addr().String())
	if err != nil {
		panic("BUG: a listener without host and port: " + err.Error())
	}
	switch ip, _ := netip.ParseAddr(host); {
	case ip.IsUnspecified():
		host, who = "localhost", ", open on every interface"
	case ip.IsLoopback():
		who = ", from this machine only"
	}
	path := a.config.Expose.Endpoint.Path
	return fmt.Sprintf("%s://%s%s%s", scheme, net.JoinHostPort(host, port), path, who)
}
