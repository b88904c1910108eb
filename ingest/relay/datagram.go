package relay

import (
	"errors"
	"net"
	"syscall"
)

// datagrams sends the packets of a target over UDP, each in a datagram. It belongs to one goroutine.
type datagrams struct {
	target *target
	conn   net.Conn // the newest socket; nil before the first
}

// run sends queued packets on the newest socket until close.
func (d *datagrams) run() {
	t := d.target
	defer func() { d.replace(nil) }()
	d.untilClosing()
	for len(t.queue) > 0 && t.ctx.Err() == nil {
		if d.conn == nil { // the name is still being resolved
			select {
			case d.conn = <-t.conns:
			case <-t.ctx.Done():
			}
			continue
		}
		d.deliver(<-t.queue)
	}
	t.discard()
}

// untilClosing sends until close begins. Packets stay queued until the first socket comes.
func (d *datagrams) untilClosing() {
	t := d.target
	var queue chan *packet // nil, which never delivers, until there is a socket
	for {
		select {
		case next := <-t.conns:
			d.replace(next)
			queue = t.queue
			t.forgive()
		case p := <-queue:
			d.deliver(p)
		case <-t.closing:
			return
		}
	}
}

func (d *datagrams) replace(next net.Conn) {
	if d.conn != nil {
		_ = d.conn.Close() // nothing is buffered in it
	}
	d.conn = next
}

// deliver sends p, or drops it.
func (d *datagrams) deliver(p *packet) {
	t := d.target
	t.queueBytes.Add(-int64(len(p.bytes)))
	_, err := d.conn.Write(p.bytes)
	if errors.Is(err, syscall.ECONNREFUSED) {
		// The system reports now that an earlier datagram found no listener, and has not sent this one.
		t.fail(err)
		_, err = d.conn.Write(p.bytes)
	}
	if err != nil {
		t.fail(err)
		t.drop(p, DropFailed)
		return
	}
	t.linesSent.Add(p.lines)
	t.datagramsSent.Add(1)
	p.release()
}
