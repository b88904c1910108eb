package main_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/bench/process"
	"weir/expose/guard/guardtest"
)

const (
	siegeConnections = 10_000
	siegeOpenFiles   = 600              // 512 connections, and what weir has open beside them
	siegeTimeout     = 10 * time.Second // of a scrape, as Prometheus has it by default
)

// siege is a weir to which connections come that ask for nothing, or too slowly, from four addresses.
type siege struct {
	*weir

	trust *tls.Config   // nil: plain HTTP
	turn  chan struct{} // a client asks once more; closed when all connections have come

	mu   sync.Mutex
	held []net.Conn // guarded by mu
}

// While ten thousand idle, slow and half-open connections come from four addresses, weir answers scrapes and
// probes from another address, and from several clients behind the same addresses.
func (e e2e) testSiege(t *testing.T) {
	ca := guardtest.NewAuthority(t)
	certificate, key := ca.Issue(t, "127.0.0.1")
	dir := t.TempDir()
	web := filepath.Join(dir, "web.yaml")
	for path, content := range map[string]string{
		web:                              "tls_server_config: {cert_file: server.crt, key_file: server.key}\n",
		filepath.Join(dir, "server.crt"): string(certificate), filepath.Join(dir, "server.key"): string(key),
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("plain", func(t *testing.T) { e.besiege(t, nil) })
	t.Run("tls", func(t *testing.T) {
		e.besiege(t, &tls.Config{RootCAs: ca.Pool(), ServerName: "127.0.0.1"}, "--endpoint.web_config_file="+web)
	})
}

func (e e2e) besiege(t *testing.T, trust *tls.Config, flags ...string) {
	t.Helper()
	flags = append(flags, "--timeouts.scrape_timeout="+siegeTimeout.String())
	s := &siege{weir: e.startUnder(t, trust, flags...), trust: trust, turn: make(chan struct{})}
	var lines bytes.Buffer
	const series = 2000 // of 2.7 kB: more than sockets hold of a response that nobody reads
	for i := range series {
		fmt.Fprintf(&lines, "wide:1|ms|#padding:%s,id:%d\n", strings.Repeat("x", 100), i)
	}
	send(t, s.dial(t, "tcp"), lines.String())
	eventually(t, func() error {
		body, err := s.ask(t, "127.0.0.20", "/metrics?name[]=weir_series")
		if err == nil && !strings.Contains(body, fmt.Sprintf("\nweir_series %d\n", series)) {
			err = errors.New("not all series are there")
		}
		return err
	})
	var attackers, clients sync.WaitGroup
	for i := range 4 {
		attackers.Go(func() { s.attack(t, i) })
	}
	for _, address := range []string{"127.0.0.20", "127.0.0.10", "127.0.0.10", "127.0.0.11"} {
		clients.Go(func() { s.scrapeUnderSiege(t, address) })
	}
	attackers.Wait()
	close(s.turn)
	clients.Wait()
	for _, c := range s.held {
		_ = c.Close()
	}
	text, err := s.ask(t, "127.0.0.20", "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	p, err := parsePage([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d connections came, weir closed %v of them for others, and turned %v away", len(s.held),
		p.values["weir_http_connections_evicted_total"], p.values["weir_http_connections_refused_total"])
	if evicted := p.values["weir_http_connections_evicted_total"]; evicted < float64(len(s.held))/2 {
		t.Errorf("weir closed only %v of %d connections for others", evicted, len(s.held))
	}
}

// startUnder starts weir with or without TLS.
func (e e2e) startUnder(t *testing.T, trust *tls.Config, flags ...string) *weir {
	t.Helper()
	if trust == nil {
		return e.startWeir(t, flags...)
	}
	w := &weir{process.Start(t, e.program(flags...))}
	t.Cleanup(func() { process.MustStop(t, w.Process) })
	return w
}

// attack opens a quarter of the connections, as many of each kind, and keeps them.
func (s *siege) attack(t *testing.T, attacker int) {
	t.Helper()
	from := fmt.Sprintf("127.0.0.%d", 10+attacker)
	var held []net.Conn
	for i := range descriptors(t, siegeConnections) / 4 {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: siegeTimeout}
		c, err := dialer.DialContext(t.Context(), "tcp", s.HTTP)
		if err != nil {
			t.Errorf("attacker %s cannot connect: %v", from, err)
			return
		}
		if held = append(held, c); i%25 == 0 {
			select {
			case s.turn <- struct{}{}:
			default: // all clients are asking
			}
		}
		_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		s.pester(c, i)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = append(s.held, held...)
}

// pester does on a connection what the i-th attacker does. weir may have closed it already.
func (s *siege) pester(c net.Conn, i int) {
	const request = "GET /metrics HTTP/1.1\r\nHost: x\r\n"
	kinds := []string{
		"", "G", request, // half-open and slow
		"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", // idle
		request + "\r\n", // does not read the answer
	}
	if s.trust != nil {
		switch i % 8 {
		case 0: // the beginning of a handshake
			_, _ = c.Write([]byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"))
			return
		case 1, 2, 3, 4, 5, 6: // half a handshake: weir answers, and waits
			var hello halfHello
			_ = tls.Client(&hello, s.trust).Handshake()
			_, _ = c.Write(hello.said)
			return
		}
		over := tls.Client(c, s.trust)
		_ = over.SetDeadline(time.Now().Add(siegeTimeout))
		_ = over.Handshake()
		c = over
	}
	_, _ = io.WriteString(c, kinds[i%len(kinds)])
}

// halfHello is a connection that keeps what a client says first, and then ends.
type halfHello struct {
	net.Conn // nil

	said []byte
}

// Read implements net.Conn.
func (*halfHello) Read([]byte) (int, error) { return 0, io.EOF }

// Write implements net.Conn.
func (h *halfHello) Write(b []byte) (int, error) {
	h.said = append(h.said, b...)
	return len(b), nil
}

// scrapeUnderSiege scrapes and probes weir over connections of their own while attackers come, and a few times
// more.
func (s *siege) scrapeUnderSiege(t *testing.T, address string) {
	t.Helper()
	times := 0
	var longest time.Duration
	for more := 5; more > 0; times++ {
		if _, ok := <-s.turn; !ok {
			more--
		}
		for path, want := range map[string]string{"/metrics": "\nwide_count", "/-/healthy": "healthy"} {
			began := time.Now()
			body, err := s.ask(t, address, path)
			if err != nil || !strings.Contains(body, want) {
				t.Errorf("%s asked for %s the %d. time: %v, %d bytes", address, path, times+1, err, len(body))
			}
			longest = max(longest, time.Since(began))
			if files := openFiles(body); files > siegeOpenFiles {
				t.Errorf("weir has %d files open, want at most %d", files, siegeOpenFiles)
			}
		}
	}
	t.Logf("%s asked %d times, and waited at most %v", address, times, longest)
}

// openFiles returns how many files weir has open, by its exposition.
func openFiles(body string) int {
	_, rest, _ := strings.Cut(body, "\nprocess_open_fds ")
	value, _, _ := strings.Cut(rest, "\n")
	files, _ := strconv.Atoi(value)
	return files
}

// ask makes a request over a connection of its own, from an address.
func (s *siege) ask(t *testing.T, address, path string) (string, error) {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: s.trust, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	scheme := "http://"
	if s.trust != nil {
		scheme = "https://"
	}
	ctx, cancel := context.WithTimeout(t.Context(), siegeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+s.HTTP+path, http.NoBody)
	if err != nil {
		return "", err
	}
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(siegeTimeout.Seconds()))
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %s", response.Status)
	}
	return string(body), err
}

// descriptors returns how many connections this process can hold, at most so many.
func descriptors(t *testing.T, most int) int {
	t.Helper()
	const others = 500
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if files := int(min(limit.Cur, 1<<30)); files < most+others {
		t.Logf("only %d connections: the limit on open files is %d", files-others, files)
		return files - others
	}
	return most
}
