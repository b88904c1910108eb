package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/rs/zerolog"

	"weir/config"
	"weir/ingest"
	"weir/internal/poll"
	"weir/protocol"
)

// running is a whole weir in this process, on free ports of the loopback.
type running struct {
	*App

	stop context.CancelFunc
	done chan error
}

func startApp(t *testing.T, c *config.Config) *running {
	t.Helper()
	loopback(c)
	app, err := NewApp(c, zerolog.New(zerolog.NewTestWriter(t)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	a := &running{App: app, stop: cancel, done: make(chan error, 1)}
	go func() { a.done <- app.Run(ctx) }() // ends when the test cancels ctx; close waits for it
	t.Cleanup(func() { a.close(t) })
	eventually(t, func() error {
		select {
		case err := <-a.done:
			a.done <- err
			t.Fatalf("run: %v", err)
		default:
		}
		if app.expose.Addr() == nil {
			return errors.New("not listening")
		}
		_, err := a.get("/-/ready")
		return err
	})
	return a
}

func (a *running) close(t *testing.T) {
	t.Helper()
	a.stop()
	select {
	case err := <-a.done:
		a.done <- err
		if err != nil {
			t.Errorf("stop: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("weir did not stop within 20 s")
	}
}

func (a *running) get(path string) (string, error) {
	response, err := http.Get("http://" + a.expose.Addr().String() + path)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return string(body), err
}

// eventually calls try until it has no error, at most ten seconds.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	poll.Within(t, 10*time.Second, try)
}

// After the signal to stop weir takes what the sockets hold, and stays scrapable for endpoint.linger.
func TestStopLingers(t *testing.T) {
	c := config.Default()
	c.Expose.Endpoint.Linger = 2 * time.Second
	a := startApp(t, c)
	udp, err := net.Dial("udp", listenerOf(t, a.ingest, "udp"))
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	const datagrams = 100
	for range datagrams {
		if _, err := io.WriteString(udp, "last:1|c"); err != nil {
			t.Fatal(err)
		}
	}
	a.stop()
	eventually(t, func() error {
		if body, err := a.get("/-/ready"); err == nil {
			return fmt.Errorf("still ready: %s", body)
		}
		body, err := a.get("/metrics")
		if err == nil && !strings.Contains(body, fmt.Sprintf("\nlast %d\n", datagrams)) {
			err = errors.New("the last samples are not in the exposition")
		}
		return err
	})
	// The cleanup of startApp holds that weir then ends without an error.
}

// listenerOf returns the first address that a server takes lines on by one transport.
func listenerOf(t *testing.T, s *ingest.Server, transport string) string {
	t.Helper()
	for _, l := range s.Listeners() {
		if l.Transport == transport {
			return l.Address
		}
	}
	t.Fatalf("nothing listens on %s: %v", transport, s.Listeners())
	return ""
}

func (a *running) ledger() ingest.Ledger {
	stats := a.ingest.Stats()
	return stats.Total().Ledger
}

// send sends text over network as one piece and waits until weir has taken its lines.
func (a *running) send(t *testing.T, network, text string) {
	t.Helper()
	c, err := net.Dial(network, listenerOf(t, a.ingest, network))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before, lines := a.ledger().Lines, uint64(0)
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSuffix(line, "\r") != "" {
			lines++
		}
	}
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		if got := a.ledger().Lines - before; got < lines {
			return fmt.Errorf("%d of %d lines arrived", got, lines)
		}
		return nil
	})
}

// TestScenarios runs testdata/scenario/*.txtar through the whole of weir over real sockets. A scenario has
// the files
//
//	config.yaml    the configuration; addresses are replaced
//	udp, tcp       lines, sent as one datagram or one write, in the order of the files; any number of times
//	want           the exposition without weir's self-metrics
//	rejected       the samples not recorded: "reason count" a line
func TestScenarios(t *testing.T) {
	paths, err := filepath.Glob("testdata/scenario/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { runScenario(t, path) })
	}
}

func runScenario(t *testing.T, path string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	app := startApp(t, scenarioConfig(t, archive))
	for i := range archive.Files {
		file := &archive.Files[i]
		got := string(file.Data)
		switch file.Name {
		case "udp", "tcp":
			app.send(t, file.Name, got)
		case "want":
			got = app.exposition(t)
		case "rejected":
			got = app.rejected()
		}
		if *update {
			file.Data = []byte(got)
		} else if diff := cmp.Diff(string(file.Data), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file.Name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func scenarioConfig(t *testing.T, archive *txtar.Archive) *config.Config {
	t.Helper()
	for _, file := range archive.Files {
		if file.Name == "config.yaml" {
			return loadConfig(t, file.Data)
		}
	}
	return config.Default()
}

// exposition scrapes, lets Prometheus's parser judge the answer, and returns it without weir's self-metrics.
func (a *running) exposition(t *testing.T) string {
	t.Helper()
	text, err := a.get(a.config.Expose.Endpoint.Path)
	if err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(text)); err != nil {
		t.Fatalf("the exposition is invalid: %v\n%s", err, text)
	}
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		name := strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")
		if !strings.HasPrefix(name, "weir_") && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func (a *running) rejected() string {
	var b strings.Builder
	ledger := a.ledger()
	for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
		if n := ledger.Outcomes[reason]; n > 0 {
			fmt.Fprintf(&b, "%s %d\n", reason, n)
		}
	}
	return b.String()
}

func loadConfig(t *testing.T, yaml []byte) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(path, yaml, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Sources{File: path})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
