package relay

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
	resolveEvery  = 30 * time.Second // how often names are resolved
	retryAfter    = time.Second      // how soon a name is resolved after an error
	lookupTimeout = 5 * time.Second  // how long resolving a name may take
)

// resolve opens a new socket every resolveEvery, and when send asks for one, so that weir follows a changed
// name, route or local address. It runs until close.
func (t *target) resolve() {
	var current *net.UDPConn // the socket that send has, and its address
	var address netip.AddrPort
	failed := false
	for t.ctx.Err() == nil {
		conn, to, err := t.open(address, failed)
		if err != nil && t.ctx.Err() == nil {
			t.count(err)
		}
		if conn != nil {
			select {
			case t.conns <- conn:
				current, address = conn, to
			case <-t.ctx.Done():
				_ = conn.Close() // nothing was sent on it
			}
		}
		failed = t.pause(conn == nil) || (failed && conn == nil)
	}
	if current != nil {
		_ = current.SetWriteDeadline(time.Unix(1, 0)) // wakes send; an error means that it is closed already
	}
}

// pause waits until the name is to be resolved again: after retryAfter when there is no socket (retry);
// otherwise after resolveEvery, or when send reports that the socket failed, which it returns.
func (t *target) pause(retry bool) (failed bool) {
	timer := time.NewTimer(t.retryAfter)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.ctx.Done():
		return false
	}
	if retry {
		return false
	}
	timer.Reset(t.resolveEvery - t.retryAfter)
	select {
	case <-timer.C:
		return false
	case <-t.failed:
		return true
	case <-t.ctx.Done():
		return false
	}
}

// open resolves the name and connects a socket to one of its addresses, which it returns: to the current
// address if the name still has it, or to the next one if the current address failed.
func (t *target) open(current netip.AddrPort, failed bool) (*net.UDPConn, netip.AddrPort, error) {
	ips, err := t.addresses()
	if err != nil {
		return nil, netip.AddrPort{}, fmt.Errorf("resolve the relay target %s: %w", t.url, err)
	}
	first := max(slices.Index(ips, current.Addr()), 0)
	if failed {
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
	return nil, netip.AddrPort{}, fmt.Errorf("open a socket to the relay target %s: %w", t.url, err)
}

// addresses returns the addresses of the target, at least one: IPv4 first, which most StatsD servers listen
// on, and always in the same order, so that weir tries one address after the other.
func (t *target) addresses() ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(t.host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	ctx, cancel := context.WithTimeout(t.ctx, lookupTimeout)
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
