package sender

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// link is a client socket.
type link interface {
	// send sends the datagrams first to last-1 of ring, at most maxBurst, and adds what it sent to r, also
	// when there is an error. It may send fewer without an error. It returns the number of whole datagrams.
	send(ring *Ring, first, last int, r *Report) (sent int, err error)
	// setDeadline makes a send that waits give up then.
	setDeadline(time.Time) error
	close() error
}

// datagramConn is a UDP or a unix datagram socket.
type datagramConn interface {
	net.Conn
	syscall.Conn
}

// links are sockets that take turns.
type links []link

// dial opens n sockets to a target.
func dial(ctx context.Context, to target, n int) (links, error) {
	var all links
	for range n {
		l, err := dialOne(ctx, to)
		if err != nil {
			all.close()
			return nil, fmt.Errorf("connect to %s://%s: %w", to.network, to.address, err)
		}
		all = append(all, l)
	}
	return all, nil
}

func dialOne(ctx context.Context, to target) (link, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, to.network, to.address)
	if err != nil {
		return nil, err
	}
	switch conn := conn.(type) {
	case *net.UDPConn:
		return newDatagramLink(conn)
	case *net.UnixConn:
		return newDatagramLink(conn)
	default:
		return &streamLink{conn}, nil
	}
}

// setDeadline makes every send that waits give up then.
func (l links) setDeadline(at time.Time) error {
	var errs []error
	for _, one := range l {
		errs = append(errs, one.setDeadline(at))
	}
	return errors.Join(errs...)
}

// close closes every socket. An error of close is ignored: streams were written to already.
func (l links) close() {
	for _, one := range l {
		_ = one.close()
	}
}

// streamLink writes datagrams to a stream, each as whole lines.
type streamLink struct{ conn net.Conn }

func (l *streamLink) send(ring *Ring, first, last int, r *Report) (sent int, err error) {
	written, err := l.conn.Write(ring.stream(first, last))
	for i := first; i < last; i++ {
		p := &ring.packets[i]
		size := p.end - p.start + len("\n")
		if written < size {
			r.CutBytes += uint64(written)
			break
		}
		r.add(p, size)
		written -= size
		sent++
	}
	return sent, err
}

func (l *streamLink) setDeadline(at time.Time) error { return l.conn.SetWriteDeadline(at) }

func (l *streamLink) close() error { return l.conn.Close() }
