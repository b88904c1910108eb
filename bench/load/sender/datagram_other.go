//go:build !linux

package sender

import (
	"time"
)

// datagramLink sends one datagram with each system call.
type datagramLink struct{ conn datagramConn }

func newDatagramLink(conn datagramConn) (link, error) { return &datagramLink{conn}, nil }

func (l *datagramLink) send(ring *Ring, first, last int, r *Report) (sent int, err error) {
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

func (l *datagramLink) setDeadline(at time.Time) error { return l.conn.SetWriteDeadline(at) }

func (l *datagramLink) close() error { return l.conn.Close() }
