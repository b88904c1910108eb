package main_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/bench/process"
)

// clientsAre says what the clients of a weir do while it ends.
type clientsAre string

const (
	clientsOpen     clientsAre = "open"      // they are connected, and silent
	clientsClosed   clientsAre = "closed"    // they were connected
	clientsInFlight clientsAre = "in flight" // they send, or are in the middle of a request
)

// A weir that has ended, however and whatever its clients did, starts again at once at the same addresses. LONG=1
// restarts it a hundred times.
func (e e2e) testRestart(t *testing.T) {
	rounds := 12
	if os.Getenv("LONG") != "" {
		rounds = 100
	}
	path := socketPath(t)
	w := e.startMortal(t, "--ingest.unix="+path, "--ingest.unixgram="+path+".gram")
	states := []clientsAre{clientsOpen, clientsClosed, clientsInFlight}
	for round := range rounds {
		state, isKilled := states[round/2%len(states)], round%2 == 1
		end := w.connect(t, path, state)
		how := "SIGTERM"
		if isKilled {
			how = "SIGKILL"
			w.Kill()
		} else {
			process.MustStop(t, w.Process)
		}
		w = w.restart(t)
		end()
		for _, network := range []string{"udp", "tcp", "unix", "unixgram"} {
			send(t, w.dialAny(t, network, path), "restarted:1|c\n")
		}
		eventually(t, func() error {
			if err := w.scrape(t).compare(map[string]float64{"restarted": 4}); err != nil {
				return fmt.Errorf("round %d: after %s with clients %s: %w", round, how, state, err)
			}
			return nil
		})
	}
}

// dialAny is dial for all transports; the unix sockets are at path and path.gram.
func (w *weir) dialAny(t *testing.T, network, path string) net.Conn {
	t.Helper()
	address := path
	switch network {
	case "unixgram":
		address += ".gram"
	case "http":
		network, address = "tcp", w.HTTP
	case "udp", "tcp":
		return w.dial(t, network)
	}
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the test may have closed it
	return c
}

// connect connects clients to every stream listener of weir. end closes what is still open.
func (w *weir) connect(t *testing.T, path string, state clientsAre) (end func()) {
	t.Helper()
	var clients []net.Conn
	var sending sync.WaitGroup
	for _, network := range []string{"tcp", "unix", "http"} {
		c := w.dialAny(t, network, path)
		clients = append(clients, c)
		text := "a:1|c\n"
		if network == "http" {
			text = "GET /metrics HTTP/1.1\r\nHost: weir\r\n\r\n"
		}
		if network == "http" && state == clientsInFlight {
			text = text[:20]
		}
		send(t, c, text)
		switch {
		case network == "http" && state != clientsInFlight:
			if _, err := io.ReadAtLeast(c, make([]byte, 1<<10), len("HTTP/1.1 200 OK")); err != nil {
				t.Fatal(err)
			}
		case network != "http" && state == clientsInFlight:
			sending.Go(func() { // ends when weir or end closes the connection
				for {
					if _, err := io.WriteString(c, strings.Repeat("a:1|c\n", 1000)); err != nil {
						return
					}
				}
			})
		}
	}
	if state != clientsInFlight { // weir has accepted them, and taken what they sent
		eventually(t, func() error { return w.scrape(t).compare(map[string]float64{"a": 2}) })
	}
	end = func() {
		for _, c := range clients {
			_ = c.Close() // weir may have closed it
		}
		sending.Wait()
	}
	if state == clientsClosed {
		end()
	}
	return end
}

// A second weir at the addresses of one that runs is refused; it names all of them at once, and who has them.
func (e e2e) testSecondInstance(t *testing.T) {
	path := socketPath(t)
	w := e.startWeir(t, "--ingest.unix="+path, "--ingest.unixgram="+path+".gram")
	second := e.launch(t, "--ingest.udp="+w.UDP, "--ingest.tcp="+w.TCP, "--endpoint.listen="+w.HTTP,
		"--ingest.unix="+path, "--ingest.unixgram="+path+".gram")
	began := time.Now()
	if _ = second.Wait(); second.ExitCode() != 1 { // the exit code says what Wait does
		t.Errorf("the second weir exits with %d, want 1", second.ExitCode())
	}
	if took := time.Since(began); took > waitLimit/4 {
		t.Errorf("the second weir took %v to say so", took)
	}
	holder := fmt.Sprintf("weir (process %d) has it: stop that process, or give another ", w.PID())
	for _, at := range []string{"udp " + w.UDP, "tcp " + w.TCP, "http " + w.HTTP, "unix " + path, "unixgram " + path + ".gram"} {
		found := false
		for line := range strings.Lines(second.Log()) {
			found = found || strings.Contains(line, "listen on "+at+": ") && strings.Contains(line, holder)
		}
		if !found {
			t.Errorf("no line for %s with %q in\n%s", at, holder, second.Log())
		}
	}
	send(t, w.dialAny(t, "unix", path), "alive:1|c\n") // the second took nothing away
	eventually(t, func() error { return w.scrape(t).compare(map[string]float64{"alive": 1}) })
}
