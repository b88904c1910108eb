package sender_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/bench/load/sender"
	"weir/bench/workload"
)

func newRing(datagrams int) (*sender.Ring, *workload.Generator) {
	var ring sender.Ring
	g := workload.New(workload.Spec{Seed: 1, Series: 100, Tags: 2, PackedShare: 0.3})
	for range datagrams {
		ring.Generate(g, 5, 600)
	}
	return &ring, g
}

// listenUDP returns a receiver, and what it received once so many datagrams came.
func listenUDP(t *testing.T) (target string, receive func(datagrams int) []string) {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return "udp://" + conn.LocalAddr().String(), func(datagrams int) []string {
		t.Helper()
		received := make([]string, datagrams)
		buffer := make([]byte, 65536)
		for i := range received {
			n, err := conn.Read(buffer)
			if err != nil {
				t.Fatalf("receive datagram %d: %v", i, err)
			}
			received[i] = string(buffer[:n])
		}
		return received
	}
}

// What the report says was sent is what a receiver gets, datagram by datagram, around the ring and over all
// sockets.
func TestUDP(t *testing.T) {
	ring, g := newRing(15)
	for _, sockets := range []int{1, 3} {
		target, receive := listenUDP(t)
		report, err := sender.Run(t.Context(), sender.Options{Target: target, Sockets: sockets, Datagrams: 45}, ring)
		if err != nil {
			t.Fatal(err)
		}
		received := receive(45)
		lines, size := 0, 0
		for i, datagram := range received {
			if datagram != received[i%15] || i > 0 && i < 15 && datagram == received[0] {
				t.Errorf("%d sockets: datagram %d = %q, want the %dth", sockets, i, datagram, i%15)
			}
			lines += strings.Count(datagram, "\n") + 1
			size += len(datagram)
		}
		want := sender.Report{
			Target: target, Sockets: sockets, Datagrams: 45, Lines: uint64(lines), Bytes: uint64(size),
			Samples: 3 * g.Count().Samples, ElapsedSeconds: report.ElapsedSeconds,
			LinesPerSecond: report.LinesPerSecond,
		}
		if report != want || report.Lines != 3*ring.Lines() {
			t.Errorf("report = %+v, want %+v", report, want)
		}
	}
}

// Over a unix socket nothing is lost either: a receiver that is slow holds the sender up.
func TestUnixgram(t *testing.T) {
	ring, _ := newRing(15)
	path := filepath.Join(t.TempDir(), "socket")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const datagrams = 450
	received := make(chan uint64)
	go func() { // ends when it has all, or at the deadline
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		size := uint64(0)
		buffer := make([]byte, 65536)
		for range datagrams {
			n, _ := conn.Read(buffer)
			size += uint64(n)
		}
		received <- size
	}()
	o := sender.Options{Target: "unixgram://" + path, Sockets: 2, Datagrams: datagrams}
	report, err := sender.Run(t.Context(), o, ring)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-received; report.Datagrams != datagrams || report.Bytes != got {
		t.Errorf("report = %+v, want %d datagrams, %d bytes", report, datagrams, got)
	}
	if err := conn.Close(); err != nil { // which removes the path
		t.Fatal(err)
	}
	if report, err := sender.Run(t.Context(), o, ring); err == nil {
		t.Errorf("report = %+v, no error from a path where nobody listens", report)
	}
}

// A receiver over a unix socket that goes is an error: what was sent before it went is all there is to count.
func TestUnixgramReceiverThatGoes(t *testing.T) {
	ring, _ := newRing(15)
	path := filepath.Join(t.TempDir(), "socket")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	report, err := sender.Run(t.Context(), sender.Options{
		Target: "unixgram://" + path, LinesPerSecond: 100, Duration: time.Hour,
		Progress: func(sender.Report) { conn.Close() },
	}, ring)
	if err == nil {
		t.Errorf("report = %+v, no error from a receiver that went", report)
	}
}

// listenTCP returns a receiver that takes one connection. It starts to read when take is called, which
// returns everything when the sender has closed.
func listenTCP(t *testing.T) (target string, take func() []byte) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return "tcp://" + listener.Addr().String(), func() []byte {
		t.Helper()
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
			return nil
		}
		defer conn.Close()
		received, err := io.ReadAll(conn)
		if err != nil {
			t.Error(err)
		}
		return received
	}
}

func TestTCP(t *testing.T) {
	ring, _ := newRing(70)
	target, take := listenTCP(t)
	received := make(chan []byte)
	go func() { received <- take() }() // ends when Run closes the connection
	report, err := sender.Run(t.Context(), sender.Options{Target: target, Datagrams: 700}, ring)
	got := <-received
	if err != nil {
		t.Fatal(err)
	}
	if report.Datagrams != 700 || report.Lines != 10*ring.Lines() || report.CutBytes != 0 {
		t.Errorf("report = %+v, want 700 datagrams, %d lines, none cut", report, 10*ring.Lines())
	}
	if uint64(len(got)) != report.Bytes || uint64(bytes.Count(got, []byte("\n"))) != report.Lines {
		t.Errorf("received %d bytes, %d lines, want %d, %d", len(got), bytes.Count(got, []byte("\n")),
			report.Bytes, report.Lines)
	}
}

// A receiver that does not read cannot hold the sender up for ever, and what it was sent is counted to the
// byte.
func TestTCPReceiverThatStalls(t *testing.T) {
	ring, _ := newRing(70)
	target, take := listenTCP(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	report, err := sender.Run(ctx, sender.Options{Target: target, LinesPerSecond: 1e9, Duration: time.Hour}, ring)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Late() || report.UnsentLines == 0 {
		t.Errorf("report = %+v, want unsent lines", report)
	}
	if got := take(); uint64(len(got)) != report.Bytes+report.CutBytes {
		t.Errorf("received %d bytes, want %d whole and %d cut", len(got), report.Bytes, report.CutBytes)
	}
}

// No line leaves before it is due, and what is due within the duration leaves.
func TestPace(t *testing.T) {
	ring, _ := newRing(20)
	target, receive := listenUDP(t)
	const linesPerSecond, lines = 2000, 200
	report, err := sender.Run(t.Context(), sender.Options{
		Target: target, LinesPerSecond: linesPerSecond, Duration: lines * time.Second / linesPerSecond,
	}, ring)
	if err != nil {
		t.Fatal(err)
	}
	if report.Lines != lines || report.UnsentLines != 0 {
		t.Errorf("report = %+v, want %d lines", report, lines)
	}
	lastDue := float64(lines-5+1) / linesPerSecond // the first line of the last datagram
	if report.ElapsedSeconds < lastDue {
		t.Errorf("took %v s, want at least %v", report.ElapsedSeconds, lastDue)
	}
	receive(int(report.Datagrams))
}

func TestProgress(t *testing.T) {
	ring, _ := newRing(20)
	target, _ := listenUDP(t)
	var seen []sender.Report
	report, err := sender.Run(t.Context(), sender.Options{
		Target: target, LinesPerSecond: 500, Duration: 600 * time.Millisecond,
		Progress: func(r sender.Report) { seen = append(seen, r) },
	}, ring)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) == 0 || seen[0].Lines == 0 || seen[0].Lines >= report.Lines {
		t.Errorf("progress = %+v, want some of %d lines", seen, report.Lines)
	}
}

// A closed port over UDP is told in the report, over TCP as an error.
func TestNobodyListens(t *testing.T) {
	ring, _ := newRing(20)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := conn.LocalAddr().String()
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := sender.Run(t.Context(), sender.Options{Target: "udp://" + address, Datagrams: 40}, ring)
	if err != nil || report.Refused == 0 || report.Datagrams != 40 {
		t.Errorf("report = %+v, %v, want 40 datagrams, some refused", report, err)
	}
	if _, err := sender.Run(t.Context(), sender.Options{Target: "tcp://" + address, Datagrams: 1}, ring); err == nil {
		t.Error("no error from a closed TCP port")
	}
}

func TestContextEnds(t *testing.T) {
	ring, _ := newRing(20)
	target, _ := listenUDP(t)
	ctx, cancel := context.WithCancel(t.Context())
	var last sender.Report
	report, err := sender.Run(ctx, sender.Options{
		Target: target, LinesPerSecond: 1000, Duration: time.Hour,
		Progress: func(r sender.Report) { last = r; cancel() },
	}, ring)
	if err != nil || report.Lines == 0 || report.Lines > last.Lines+1000 {
		t.Errorf("report = %+v, %v, want little more than %+v", report, err, last)
	}
}

func TestEmptyRing(t *testing.T) {
	target, _ := listenUDP(t)
	if _, err := sender.Run(t.Context(), sender.Options{Target: target, Datagrams: 1}, &sender.Ring{}); err == nil {
		t.Error("no error from an empty ring")
	}
}
