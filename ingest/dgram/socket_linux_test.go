package dgram_test

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"weir/ingest/dgram"
)

// The kernel grants twice the request, up to a limit, and counts what does not fit.
func TestSocketBufferAndDrops(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client, err := net.Dial("udp4", conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fd := adoptFile(t, conn)
	const requested = 16 << 10
	s := dgram.NewSocket(fd, "udp://", requested, func() {})
	if got, want := s.BufferBytes(), requested*dgram.BufferFactor; got != want {
		t.Errorf("a buffer of %d bytes, want %d", got, want)
	}
	const datagrams = 100
	for range datagrams {
		if _, err := client.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	received := 0
	for batch := dgram.NewBatch(2000, false); ; {
		n, err := s.Receive(batch)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		received += n
	}
	stats := s.Stats()
	if stats.KernelDrops == 0 || received+int(stats.KernelDrops) != datagrams {
		t.Errorf("%d received and %d dropped of %d", received, stats.KernelDrops, datagrams)
	}
	s.Close()
	if got := s.Stats().KernelDrops; got != stats.KernelDrops {
		t.Errorf("%d drops after Close, %d before", got, stats.KernelDrops)
	}
}

func adoptFile(t *testing.T, conn *net.UDPConn) (fd int) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err == nil {
		err = raw.Control(func(descriptor uintptr) { fd = int(descriptor) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// By flow, one sender reaches one socket of a port; at random, it reaches both.
func TestSpreadRandomly(t *testing.T) {
	reuse := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		controlErr := c.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
		return errors.Join(err, controlErr)
	}}
	address := "127.0.0.1:0"
	var sockets []*dgram.Socket
	for range 2 {
		conn, err := reuse.ListenPacket(context.Background(), "udp4", address)
		if err != nil {
			t.Fatal(err)
		}
		address = conn.LocalAddr().String()
		s := adopt(conn.(*net.UDPConn))
		t.Cleanup(s.Close)
		sockets = append(sockets, s)
	}
	client, err := net.Dial("udp4", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	batch := dgram.NewBatch(64, false)
	reached := func() (n int) {
		for range 60 { // all to one socket once in 2^59 times
			if _, err := client.Write([]byte("a:1|c")); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range sockets {
			if received, err := s.Receive(batch); err != nil {
				t.Fatal(err)
			} else if received > 0 {
				n++
			}
		}
		return n
	}
	if got := reached(); got != 1 {
		t.Errorf("by flow, one sender reached %d sockets, want 1", got)
	}
	if err := sockets[0].SpreadRandomly(len(sockets)); err != nil {
		t.Fatal(err)
	}
	if got := reached(); got != 2 {
		t.Errorf("at random, one sender reached %d sockets, want 2", got)
	}
}

func TestSpreadRandomlyFailure(t *testing.T) {
	if err := dgram.NewSocket(-1, "udp://", 0, func() {}).SpreadRandomly(2); err == nil {
		t.Error("no socket is spread, want an error")
	}
}

// A sender that is refused gets an error; the datagrams before are still received.
func TestSocketRefusesSenders(t *testing.T) {
	s, path := openUnixgram(t)
	c, err := net.Dial("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		if _, err := c.Write([]byte("a:1|c")); err != nil {
			t.Fatal(err)
		}
	}
	s.RefuseSenders()
	if _, err := c.Write([]byte("late:1|c")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("a write after RefuseSenders: %v, want EPIPE", err)
	}
	batch := dgram.NewBatch(64, false)
	receive(t, s, batch, 3)
	if n, err := s.Receive(batch); n != 0 || err != nil {
		t.Errorf("Receive() when nothing is left = %d, %v; want 0", n, err)
	}
}
