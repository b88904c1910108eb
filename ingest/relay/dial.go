package relay

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

const (
	lookupTimeout = 5 * time.Second // how long resolving a name may take
	dialTimeout   = 5 * time.Second // how long a connection may take, with its TLS handshake
)

// dialer resolves the name of a target and opens connections to it: sockets, in the case of UDP. It belongs
// to the goroutine that follows the target.
type dialer struct {
	address

	url    string // as configured
	tls    *TLS
	lookup lookup
}

// lookup resolves a name.
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// next resolves the name and opens a connection to one of its addresses, which it returns: to the current
// address if the name still has it, or to the next one if the current address failed. A stream whose address
// the name still has goes on: then conn is nil.
func (d *dialer) next(ctx context.Context, current netip.AddrPort, failed bool) (
	conn net.Conn, to netip.AddrPort, err error,
) {
	ips, err := d.addresses(ctx)
	if err != nil {
		return nil, current, fmt.Errorf("resolve the relay target %s: %w", d.url, err)
	}
	first := slices.Index(ips, current.Addr())
	if d.network != networkUDP && first >= 0 && !failed {
		return nil, current, nil
	}
	first = max(first, 0)
	if failed {
		first++
	}
	var errs []error
	for i := range ips {
		to := netip.AddrPortFrom(ips[(first+i)%len(ips)], d.port)
		conn, err := d.dial(ctx, to)
		if err == nil {
			return conn, to, nil
		}
		errs = append(errs, err)
	}
	return nil, current, fmt.Errorf("connect to the relay target %s: %w", d.url, errors.Join(errs...))
}

// addresses returns the addresses of the target, at least one: IPv4 first, which most StatsD servers listen
// on, and always in the same order, so that weir tries one address after the other.
func (d *dialer) addresses(ctx context.Context) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(d.host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	ips, err := d.lookup(ctx, "ip", d.host)
	if err != nil {
		return nil, err
	}
	if len(ips) == 0 {
		return nil, errors.New("the name has no address")
	}
	ips = slices.Clone(ips)
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	slices.SortFunc(ips, func(a, b netip.Addr) int {
		return cmp.Or(cmp.Compare(a.BitLen(), b.BitLen()), a.Compare(b))
	})
	return slices.Compact(ips), nil
}

// dial opens a connection to an address.
func (d *dialer) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if d.network == networkUDP {
		return net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	tcp, err := (&net.Dialer{}).DialContext(ctx, "tcp", to.String())
	if err != nil || d.network == networkTCP {
		return tcp, err
	}
	config, err := d.tls.config(d.host)
	if err != nil {
		_ = tcp.Close() // nothing was sent on it
		return nil, err
	}
	conn := tls.Client(tcp, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = tcp.Close() // no line was sent on it
		return nil, err
	}
	return conn, nil
}
