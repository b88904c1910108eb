package dgram_test

import (
	"net"
	"strings"
	"sync"
	"testing"

	"weir/ingest/dgram"
)

// Stats show the bytes that wait, and stay readable after Close.
func TestSocketStats(t *testing.T) {
	server, client := pair()
	defer client.Close()
	defer server.Close()
	if _, err := client.Write([]byte("a:1|c")); err != nil {
		t.Fatal(err)
	}
	before := server.Stats()
	if dgram.Spreads && before.QueuedBytes == 0 { // Linux
		t.Error("no byte is queued, want the bytes of the datagram that waits")
	}
	if before.BufferBytes == 0 || before.BufferBytes != server.BufferBytes() {
		t.Errorf("a buffer of %d bytes, want the %d granted", before.BufferBytes, server.BufferBytes())
	}
	if !strings.HasPrefix(before.Listener, "udp://127.0.0.1:") {
		t.Errorf("listener %q", before.Listener)
	}
	receive(t, server, dgram.NewBatch(64, false), 1)
	server.Close()
	if after := server.Stats(); after.QueuedBytes != 0 || after.Listener != before.Listener {
		t.Errorf("stats after Close %+v, before %+v", after, before)
	}
}

func TestSocketClosesOnce(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	released := 0
	err = raw.Control(func(fd uintptr) {
		s := dgram.NewSocket(int(fd), "udp://", 0, func() { released++ })
		var closing sync.WaitGroup
		for range 4 {
			closing.Go(s.Close)
			closing.Go(func() { s.Stats() })
		}
		closing.Wait()
	})
	if err != nil || released != 1 {
		t.Errorf("released %d times, %v; want once", released, err)
	}
}

// A failed read is an error, and counted.
func TestSocketCountsErrors(t *testing.T) {
	s := dgram.NewSocket(-1, "udp://", 0, func() {})
	for range 3 {
		if n, err := s.Receive(dgram.NewBatch(64, false)); n != 0 || err == nil {
			t.Errorf("Receive() from no socket = %d, %v; want an error", n, err)
		}
	}
	if got := s.Stats().ReceiveErrors; got != 3 {
		t.Errorf("%d receive errors, want 3", got)
	}
}

// The counts of a socket go on when its descriptor is replaced.
func TestSocketReplace(t *testing.T) {
	var released []int
	s := dgram.NewSocket(-1, "unixgram://x", 0, func() { released = append(released, 1) })
	receiveFails := func() {
		t.Helper()
		if _, err := s.Receive(dgram.NewBatch(64, false)); err == nil {
			t.Error("Receive() from no socket has no error")
		}
	}
	receiveFails()
	s.Replace(-1, func() { released = append(released, 2) })
	receiveFails()
	if got := s.Stats().ReceiveErrors; got != 2 {
		t.Errorf("%d receive errors, want those of both descriptors: 2", got)
	}
	s.Close()
	if len(released) != 2 || released[0] != 1 || released[1] != 2 {
		t.Errorf("released %v, want 1, 2", released)
	}
}
