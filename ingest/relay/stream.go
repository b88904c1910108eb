package relay

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"time"
)

const (
	// streamBytes is how much is written at a time: what a record of TLS holds.
	streamBytes = 16 << 10

	// writeTimeout is how long a server may take no byte before its connection is given up.
	writeTimeout = 10 * time.Second

	// keepAlive is after how long without a line a blank one is written, which servers skip: a server that
	// closes idle connections keeps this one, and one that is gone is noticed.
	keepAlive = time.Minute
)

var errClosedByServer = errors.New("the server closed the connection")

// stream sends the packets of a target over TCP, or TLS over TCP. It belongs to one goroutine.
//
// Lines are written in runs of whole ones. When a connection ends in the middle of a run, the lines that the
// system took completely count as sent, as the lines of a datagram do; the others, beginning with the line of
// which it took a part, are written again on the next connection. The connection is reset, not closed, so
// that the server does not take the part for a line.
type stream struct {
	target    *target
	conn      net.Conn      // nil while there is none
	ended     chan struct{} // closed by watch when the server has closed conn
	watching  sync.WaitGroup
	out       []byte // whole lines to write
	isClosing bool   // close has begun
}

// run writes queued lines until close.
func (s *stream) run() {
	for s.wait() {
		s.gather()
		s.write()
	}
	s.target.countDropped(DropStopped, lines(s.out))
	s.target.discard()
	s.hangUp()
}

// wait waits until there are lines and a connection to write them on; false means that it is time to end.
func (s *stream) wait() bool {
	t := s.target
	idle := time.NewTimer(keepAlive)
	defer idle.Stop()
	for t.ctx.Err() == nil {
		queue, closing := t.queue, t.closing
		switch {
		case s.conn == nil:
			queue = nil
		case len(s.out) > 0:
			return true
		}
		if s.isClosing {
			if closing = nil; len(s.out)+len(t.queue) == 0 {
				return false
			}
		}
		select {
		case next := <-t.conns:
			s.connect(next)
		case <-s.ended:
			s.cut(errClosedByServer)
		case p := <-queue:
			s.take(p)
		case <-closing:
			s.isClosing = true
		case <-idle.C:
			s.ping()
			idle.Reset(keepAlive)
		case <-t.ctx.Done():
		}
	}
	return false
}

// gather takes what else is queued, as far as a run goes.
func (s *stream) gather() {
	for len(s.out)+s.target.datagramBytes <= streamBytes {
		select {
		case p := <-s.target.queue:
			s.take(p)
		default:
			return
		}
	}
}

func (s *stream) take(p *packet) {
	s.target.queueBytes.Add(-int64(len(p.bytes)))
	s.out = append(s.out, p.bytes...)
	p.release()
}

// write writes the lines. Lines that the system did not take completely stay.
func (s *stream) write() {
	s.limit()
	n, err := s.conn.Write(s.out)
	whole := bytes.LastIndexByte(s.out[:n], '\n') + 1
	s.target.linesSent.Add(lines(s.out[:whole]))
	s.out = append(s.out[:0], s.out[whole:]...)
	if err != nil {
		s.cut(err)
	}
}

// ping writes a blank line.
func (s *stream) ping() {
	if s.conn == nil {
		return
	}
	s.limit()
	if _, err := s.conn.Write([]byte("\n")); err != nil {
		s.cut(err)
	}
}

// limit bounds how long the next write may take. After close has given up, which sets a deadline in the past,
// that one holds.
func (s *stream) limit() {
	deadline := time.Now().Add(s.target.writeTimeout)
	if s.conn.SetWriteDeadline(deadline) == nil && s.target.ctx.Err() != nil {
		_ = s.conn.SetWriteDeadline(time.Unix(1, 0)) // an error means that it is closed
	}
}

// connect makes next the connection, and watches it.
func (s *stream) connect(next net.Conn) {
	s.hangUp()
	ended := make(chan struct{})
	s.conn, s.ended = next, ended
	s.watching.Go(func() { // ends when the connection does; hangUp closes it and waits
		defer close(ended)
		watch(next)
	})
	s.target.forgive()
}

// watch reads until the connection ends. StatsD servers answer nothing.
func watch(conn net.Conn) {
	answer := make([]byte, 64)
	for {
		if _, err := conn.Read(answer); err != nil {
			return
		}
	}
}

// cut gives the connection up, and asks for another.
func (s *stream) cut(err error) {
	conn := s.conn
	if over, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
		conn = over.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // reset it; an error means that it is closed
		_ = tcp.Close()      // nothing is buffered in it
	}
	s.hangUp()
	s.target.fail(err)
}

// hangUp closes the connection, if there is one. The system goes on sending what it has taken.
func (s *stream) hangUp() {
	if s.conn == nil {
		return
	}
	_ = s.conn.Close() // nothing is buffered in it
	s.watching.Wait()
	s.conn, s.ended = nil, nil
}

// lines returns how many lines b has.
func lines(b []byte) uint64 { return uint64(bytes.Count(b, []byte{'\n'})) }
