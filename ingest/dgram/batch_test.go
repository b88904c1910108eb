package dgram_test

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"weir/ingest/dgram"
)

// Three datagrams wait in a socket; one call receives them all, and says which of them did not fit.
func ExampleBatch() {
	server, client := pair()
	defer client.Close()
	defer server.Close()
	for _, text := range []string{"requests:1|c", "queue:7|g", strings.Repeat("x", 100)} {
		if _, err := client.Write([]byte(text)); err != nil {
			panic(err)
		}
	}

	const maxDatagram = 64
	batch := dgram.NewBatch(maxDatagram, false)
	for received := 0; received < 3; {
		n, err := server.Receive(batch)
		if err != nil {
			panic(err)
		}
		for i := range n {
			datagram, cut := batch.Datagram(i)
			fmt.Printf("%.12s, %d bytes, cut: %v\n", datagram, len(datagram), cut)
		}
		received += n
	}
	// Output:
	// requests:1|c, 12 bytes, cut: false
	// queue:7|g, 9 bytes, cut: false
	// xxxxxxxxxxxx, 64 bytes, cut: true
}

// pair returns a UDP socket on the loopback, and a connection to it.
func pair() (*dgram.Socket, net.Conn) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		panic(err)
	}
	client, err := net.Dial("udp4", conn.LocalAddr().String())
	if err != nil {
		panic(err)
	}
	return adopt(conn), client
}

// adopt returns conn as a Socket, which closes it.
func adopt(conn *net.UDPConn) *dgram.Socket {
	fd := -1
	raw, err := conn.SyscallConn()
	if err == nil {
		err = raw.Control(func(descriptor uintptr) { fd = int(descriptor) })
	}
	if err != nil {
		panic(err)
	}
	return dgram.NewSocket(fd, "udp://"+conn.LocalAddr().String(), 0, func() { conn.Close() })
}

// receive receives exactly want datagrams as text, each with its sender.
func receive(t *testing.T, s *dgram.Socket, b *dgram.Batch, want int) (texts, senders []string) {
	t.Helper()
	for len(texts) < want {
		n, err := s.Receive(b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			text, _ := b.Datagram(i)
			texts = append(texts, string(text))
			switch address, process := b.Peer(); {
			case address.IsValid():
				senders = append(senders, "udp "+address.String())
			case process != 0:
				senders = append(senders, fmt.Sprintf("pid %d", process))
			default:
				senders = append(senders, "unknown")
			}
		}
	}
	return texts, senders
}

// It is no error that no datagram waits.
func TestReceiveNothing(t *testing.T) {
	server, client := pair()
	defer client.Close()
	defer server.Close()
	if n, err := server.Receive(dgram.NewBatch(64, false)); n != 0 || err != nil {
		t.Errorf("Receive() = %d, %v; want 0", n, err)
	}
}

// More datagrams than a batch holds come in order, each with its sender, also over IPv6.
func TestReceiveManyWithSenders(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		conn, err := net.ListenPacket("udp", address)
		if err != nil {
			if strings.HasPrefix(address, "[") {
				t.Logf("no IPv6: %v", err)
				continue
			}
			t.Fatal(err)
		}
		client, err := net.Dial("udp", conn.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		server := adopt(conn.(*net.UDPConn))
		defer server.Close()
		const datagrams = 2*dgram.BatchSize + 5
		for i := range datagrams {
			if _, err := fmt.Fprintf(client, "%d", i); err != nil {
				t.Fatal(err)
			}
		}
		texts, senders := receive(t, server, dgram.NewBatch(512, false), datagrams)
		for i, text := range texts {
			if want := "udp " + client.LocalAddr().String(); text != fmt.Sprint(i) || senders[i] != want {
				t.Fatalf("datagram %d is %q from %s, want it from %s", i, text, senders[i], want)
			}
		}
	}
}

// Appending to one datagram cannot overwrite the next.
func TestDatagramsAreApart(t *testing.T) {
	server, client := pair()
	defer client.Close()
	defer server.Close()
	for _, text := range []string{strings.Repeat("a", 64), "b"} {
		if _, err := client.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	b := dgram.NewBatch(64, false)
	n, err := server.Receive(b)
	if err != nil || n == 0 {
		t.Fatalf("Receive() = %d, %v", n, err)
	}
	first, cut := b.Datagram(0)
	if len(first) != 64 || cap(first) != 64 || cut {
		t.Errorf("a datagram of 64 bytes has length %d, capacity %d, cut %v", len(first), cap(first), cut)
	}
}

// openUnixgram returns a unix datagram socket in a new directory.
func openUnixgram(t *testing.T) (s *dgram.Socket, path string) {
	t.Helper()
	path = socketPath(t)
	fd, err := dgram.OpenUnixgram(path)
	if err != nil {
		t.Fatal(err)
	}
	s = dgram.NewSocket(fd, "unixgram://"+path, 0, nil)
	t.Cleanup(s.Close)
	return s, path
}

// socketPath returns a path that is short enough for a unix socket.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "weir")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir + "/s"
}

// A datagram of a unix socket carries its process when credentials are wanted.
func TestUnixSenders(t *testing.T) {
	s, path := openUnixgram(t)
	client, err := net.Dial("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	want := fmt.Sprintf("pid %d", os.Getpid())
	if !dgram.Spreads { // not Linux
		want = "unknown"
	}
	f := func(credentials bool, want string) {
		t.Helper()
		if _, err := client.Write([]byte("a:1|c")); err != nil {
			t.Fatal(err)
		}
		texts, senders := receive(t, s, dgram.NewBatch(64, credentials), 1)
		if texts[0] != "a:1|c" || senders[0] != want {
			t.Errorf("with credentials %v: %q from %s, want it from %s", credentials, texts[0], senders[0], want)
		}
	}
	f(true, want)
	f(false, "unknown")
}

func TestOpenUnixgramFailure(t *testing.T) {
	s, path := openUnixgram(t)
	for _, path := range []string{path, path + "/below", strings.Repeat("x", 200)} {
		if fd, err := dgram.OpenUnixgram(path); err == nil {
			unix.Close(fd)
			t.Errorf("OpenUnixgram(%q) opened a socket, want an error", path)
		}
	}
	if got := s.Listener(); got != "unixgram://"+path {
		t.Errorf("Listener() = %q", got)
	}
}
