package main_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorder stands between a client and weir: it keeps the bytes that the client sends, and passes them on as they
// came. It tells what a client sent from what weir made of it.
type recorder struct {
	host, port string // where the client sends to; a unix socket has a path and no port

	network string
	weir    string        // address of weir
	ended   chan struct{} // closed when everything before the last datagram or connection was passed on
	finish  func()        // sends that last one

	mu     sync.Mutex
	pieces [][]byte // datagrams, or what came over a connection; guarded by mu
	err    error    // the first error; guarded by mu
}

// lastPiece ends a recording.
const lastPiece = "the last piece"

// recordLimit bounds how long a connection may be silent.
const recordLimit = 20 * time.Second

// startRecorder returns a recorder before weir's listener of a network.
func startRecorder(t *testing.T, network, weir string) *recorder {
	t.Helper()
	r := &recorder{network: network, weir: weir, ended: make(chan struct{})}
	address := "127.0.0.1:0"
	if strings.HasPrefix(network, "unix") {
		address = socketPath(t)
	}
	var at net.Addr
	if network == "udp" || network == "unixgram" {
		c, err := net.ListenPacket(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() }) // ends datagrams
		at = c.LocalAddr()
		go r.datagrams(c)
	} else {
		l, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() }) // ends connections
		at = l.Addr()
		go r.connections(l)
	}
	r.host = at.String()
	if !strings.HasPrefix(network, "unix") {
		r.host, r.port, _ = net.SplitHostPort(at.String()) // an address that was bound is well formed
	}
	r.finish = func() {
		c, err := net.Dial(network, at.String())
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, lastPiece)
		_ = c.Close()
	}
	return r
}

// record waits until everything that a client sent, which has ended, was passed on to weir, and returns it.
func (r *recorder) record(t *testing.T) [][]byte {
	t.Helper()
	r.finish()
	select {
	case <-r.ended:
	case <-time.After(recordLimit):
		t.Fatal("the recorder has not seen the end of what the client sent")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.pieces
}

func (r *recorder) keep(piece []byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(piece) > 0 {
		r.pieces = append(r.pieces, append([]byte(nil), piece...))
	}
	if r.err == nil {
		r.err = err
	}
}

// datagrams keeps datagrams and passes them on, until the last one.
func (r *recorder) datagrams(from net.PacketConn) {
	defer close(r.ended)
	to, err := net.Dial(r.network, r.weir)
	if err != nil {
		r.keep(nil, err)
		return
	}
	defer to.Close()
	b := make([]byte, 1<<16)
	for {
		n, _, err := from.ReadFrom(b)
		if err != nil || string(b[:n]) == lastPiece {
			return // an error says that the test has ended
		}
		_, err = to.Write(b[:n])
		r.keep(b[:n], err)
	}
}

// connections keeps what comes over connections and passes it on, until the last one.
func (r *recorder) connections(l net.Listener) {
	defer close(r.ended)
	var open sync.WaitGroup
	defer open.Wait()
	for {
		c, err := l.Accept()
		if err != nil {
			return // the test has ended
		}
		first := make([]byte, 1<<16)
		_ = c.SetReadDeadline(time.Now().Add(recordLimit)) // a failure shows as an error of Read
		n, err := c.Read(first)
		if string(first[:n]) == lastPiece {
			_ = c.Close()
			return
		}
		if err != nil && !errors.Is(err, io.EOF) {
			r.keep(nil, err)
		}
		open.Go(func() { r.connection(c, first[:n]) })
	}
}

// connection passes on what comes over one connection, of which the first bytes are read already.
func (r *recorder) connection(from net.Conn, first []byte) {
	defer from.Close()
	to, err := net.Dial(r.network, r.weir)
	if err != nil {
		r.keep(nil, err)
		return
	}
	defer to.Close()
	var all strings.Builder
	both := io.MultiWriter(&all, to)
	_, err = both.Write(first)
	if err == nil {
		_, err = io.Copy(both, from)
	}
	r.keep([]byte(all.String()), err)
}

// packets returns the packets of DogStatsD's unix stream, each after its length, without the lengths; a stream of
// another kind it returns as it is.
func packets(stream []byte) (all [][]byte) {
	if len(stream) < 4 || stream[3] != 0 {
		return [][]byte{stream}
	}
	for len(stream) >= 4 {
		end := min(4+int(binary.LittleEndian.Uint32(stream)), len(stream))
		all = append(all, stream[4:end])
		stream = stream[end:]
	}
	return all
}
