//go:build !linux

package sender

import (
	"net"
	"time"
)

// udpLink sends one datagram with each system call.
type udpLink struct{ conn *net.UDPConn }

func newUDPLink(conn *net.UDPConn) (link, error) { return &udpLink{conn}, nil }

func (l *udpLink) send(ring *Ring, first, last int, r *Report) (sent int, err error) {
	for i := first; i < last; i++ {
		if _, err := l.conn.Write(ring.datagram(i)); err != nil {
			return sent, err
		}
		p := &ring.packets[i]
		r.add(p, p.end-p.start)
		sent++
	}
	return sent, nil
}

func (l *udpLink) setDeadline(at time.Time) error { return l.conn.SetWriteDeadline(at) }

func (l *udpLink) close() error { return l.conn.Close() }
