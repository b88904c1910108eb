package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

const (
	relayResolveEvery = 30 * time.Second // how often names are resolved again
	relayResolveApart = time.Second      // how soon again after an error
	relayLookupLimit  = 5 * time.Second  // how long resolving a name may take
)

// resolve opens a socket now and then, and when send asks for one, so that a changed name, route or local
// address is followed.
func (t *relayTarget) resolve() {
	var at netip.AddrPort
	var current *net.UDPConn // which send has
	bad := false
	for t.ctx.Err() == nil {
		conn, to, err := t.open(at, bad)
		if err != nil && t.ctx.Err() == nil {
			t.count(err)
		}
		if conn != nil {
			select {
			case t.conns <- conn:
				current, at = conn, to
			case <-t.ctx.Done():
				_ = conn.Close() // it was never used
			}
		}
		bad = t.pause(conn == nil) || (bad && conn == nil)
	}
	if current != nil {
		_ = current.SetWriteDeadline(time.Unix(1, 0)) // wakes send; an error says that it is closed already
	}
}

// pause waits until the name is due again, which is soon when there is no socket, and says whether that is
// because the socket is bad.
func (t *relayTarget) pause(soon bool) (bad bool) {
	timer := time.NewTimer(t.resolveApart)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.ctx.Done():
		return false
	}
	if soon {
		return false
	}
	timer.Reset(t.resolveEvery - t.resolveApart)
	select {
	case <-timer.C:
		return false
	case <-t.failed:
		return true
	case <-t.ctx.Done():
		return false
	}
}

// open resolves the name and returns a socket that is connected to one of its addresses, and to which: to
// at, or when that is bad to the one behind it.
func (t *relayTarget) open(at netip.AddrPort, bad bool) (*net.UDPConn, netip.AddrPort, error) {
	ips, err := t.addresses()
	if err != nil {
		return nil, netip.AddrPort{}, fmt.Errorf("resolve the relay target %s: %w", t.target, err)
	}
	first := max(slices.Index(ips, at.Addr()), 0)
	if bad {
		first++
	}
	var errs []error
	for i := range ips {
		to := netip.AddrPortFrom(ips[(first+i)%len(ips)], t.port)
		conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
		if err == nil {
			return conn, to, nil
		}
		errs = append(errs, err)
	}
	err = errors.Join(errs...)
	return nil, netip.AddrPort{}, fmt.Errorf("open a socket to the relay target %s: %w", t.target, err)
}

// addresses returns the addresses of the target, at least one: IPv4 first, as most senders of StatsD have
// it, and always in the same order, so that one bad address after another is left behind.
func (t *relayTarget) addresses() ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(t.host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	ctx, cancel := context.WithTimeout(t.ctx, relayLookupLimit)
	defer cancel()
	ips, err := t.lookup(ctx, "ip", t.host)
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
	return ips, nil
}
