package main_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/bench/process"
)

// While senders go on, somebody removes the path of a unix socket, and later another program listens there. A
// sender that gets an error connects again, as clients do; each write without an error is counted.
func (e e2e) testSockets(t *testing.T) {
	for _, network := range []string{"unixgram", "unix"} {
		t.Run(network, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "weir") // t.TempDir is too long for a socket
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			w := e.startWeir(t, "--ingest."+network+"="+filepath.Join(dir, "s"))
			s := &socketSender{w: w, network: network, path: filepath.Join(dir, "s")}
			s.send(t)
			s.awaitReopened(t, 0)

			remove := func() {
				if err := os.Remove(s.path); err != nil {
					t.Fatal(err)
				}
			}
			remove()
			s.awaitReopened(t, 1)
			s.send(t)

			remove()
			other := s.another(t)
			s.awaitLog(t, fmt.Sprintf("(process %d) has it", os.Getpid()))
			s.send(t) // over the connection that there is
			other()
			s.awaitReopened(t, 2)
			s.send(t)

			if err := os.RemoveAll(dir); err != nil { // with all that is in it
				t.Fatal(err)
			}
			s.awaitLog(t, "no such file or directory")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			s.awaitReopened(t, 3)
			s.send(t)

			process.MustStop(t, w.Process)
			if _, err := os.Lstat(s.path); err == nil {
				t.Errorf("the socket is still there after weir has ended")
			}
		})
	}
}

// socketSender sends over a unix socket, and connects again after an error.
type socketSender struct {
	w             *weir
	network, path string

	connection net.Conn
	written    int // lines, without an error
}

// send writes lines until 100 more are written, and waits until weir has counted them.
func (s *socketSender) send(t *testing.T) {
	t.Helper()
	const line = "sockets:1|c\n"
	for end := s.written + 100; s.written < end; {
		if s.connection == nil {
			c, err := net.Dial(s.network, s.path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			s.connection = c
		}
		if _, err := s.connection.Write([]byte(line)); err != nil {
			s.connection = nil
			continue
		}
		s.written++
	}
	eventually(t, func() error {
		return s.w.scrape(t).compare(map[string]float64{"sockets": float64(s.written)})
	})
}

// awaitLog waits for a line of the log, which comes with the next tick.
func (s *socketSender) awaitLog(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.w.AwaitLog(ctx, text); err != nil {
		t.Fatal(err)
	}
}

func (s *socketSender) awaitReopened(t *testing.T, times float64) {
	t.Helper()
	eventually(t, func() error {
		return s.w.scrape(t).compare(map[string]float64{"weir_unix_sockets_reopened_total": times})
	})
}

// another listens at the path as another program does, and returns what ends that. A program that ends leaves
// the file of its socket.
func (s *socketSender) another(t *testing.T) (end func()) {
	t.Helper()
	var listener net.ListenConfig
	if s.network == "unixgram" {
		c, err := listener.ListenPacket(t.Context(), s.network, s.path)
		if err != nil {
			t.Fatal(err)
		}
		return func() { _ = c.Close() }
	}
	l, err := listener.Listen(context.Background(), s.network, s.path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	return func() { _ = l.Close() }
}
