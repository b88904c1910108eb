package main_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/bench/load/sender"
	"weir/bench/process"
	"weir/bench/workload"
)

func (e e2e) testStop(t *testing.T) {
	t.Run("under traffic", e.testStopUnderTraffic)
	t.Run("loses nothing", e.testStopLosesNothing)
	t.Run("quickly", e.testStopQuickly)
	t.Run("stalled reader", e.testStopStalledReader)
}

// SIGTERM ends weir in time whatever still comes in: more than it can take, without the race detector.
func (e e2e) testStopUnderTraffic(t *testing.T) {
	w := e.startWeir(t)
	var ring sender.Ring
	for lines := workload.New(workload.Spec{Seed: 1, Series: 1000, Tags: 3}); ring.Lines() < 10_000; {
		ring.Generate(lines, 20, 1432)
	}
	linesPerSecond := 0.0
	if raceDetector {
		linesPerSecond = 20_000
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var senders sync.WaitGroup
	for _, target := range []string{"udp://" + w.UDP, "tcp://" + w.TCP} {
		senders.Go(func() { // ends when the test cancels ctx
			_, _ = sender.Run(ctx, sender.Options{
				Target: target, Sockets: 2, LinesPerSecond: linesPerSecond, Duration: time.Minute,
			}, &ring) // what weir does not take any more is an error
		})
	}
	eventually(t, func() error {
		p := w.scrape(t)
		for _, transport := range []string{"udp", "tcp"} {
			if got := p.values[fmt.Sprintf("weir_samples_recorded_total{transport=%q}", transport)]; got < 5_000 {
				return fmt.Errorf("%v samples recorded over %s", got, transport)
			}
		}
		return nil
	})
	process.MustStop(t, w.Process)
	cancel()
	senders.Wait()
}

// What was sent before SIGTERM is in the last scrape, for which endpoint.linger keeps weir open.
func (e e2e) testStopLosesNothing(t *testing.T) {
	const datagrams, linesEach = 200, 20
	w := e.startWeir(t, "--endpoint.linger=3s")
	udp, tcp := w.dial(t, "udp"), w.dial(t, "tcp")
	for range datagrams {
		send(t, udp, strings.Repeat("last:1|c\n", linesEach))
		send(t, tcp, strings.Repeat("last:1|c\n", linesEach))
	}
	if err := tcp.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := w.AwaitLog(t.Context(), "staying scrapable"); err != nil {
		t.Fatal(err)
	}
	p := w.scrape(t)
	lost := p.sum("weir_kernel_drops_total") * linesEach
	if err := p.compare(map[string]float64{"last": 2*datagrams*linesEach - lost}); err != nil {
		t.Error(err)
	}
	if _, err := w.get("/-/ready"); err == nil {
		t.Error("weir says that it is ready while it stops")
	}
	if err := w.Wait(); err != nil {
		t.Errorf("weir ended with %v, want exit code 0", err)
	}
}

// An idle weir ends at once, with connections of clients and scrapers open: deployments and tests wait for it.
// It takes some milliseconds. A part that looks only now and then whether it is over, as fasthttp does every 100 ms,
// takes its time each time, so the quickest of a few stops tells, also on a busy machine.
func (e e2e) testStopQuickly(t *testing.T) {
	const rounds, bound = 5, 90 * time.Millisecond
	took := make([]time.Duration, rounds)
	for i := range took {
		w := e.startMortal(t, "--ingest.unixgram="+socketPath(t), "--ingest.unix="+socketPath(t))
		send(t, w.dial(t, "tcp"), "open:1|c\n")
		w.scrape(t) // the scraper keeps its connection
		began := time.Now()
		process.MustStop(t, w.Process)
		took[i] = time.Since(began)
	}
	if quickest := slices.Min(took); quickest > bound {
		t.Errorf("SIGTERM of an idle weir took %v, want at most %v", quickest, bound)
	}
	t.Logf("SIGTERM of an idle weir took %v", took)
}

// A client that does not read its response is cut. That is no failure of weir, which a supervisor would report.
func (e e2e) testStopStalledReader(t *testing.T) {
	program := e.program("--timeouts.scrape_timeout=1m")
	program.StopLimit = waitLimit
	w := &weir{process.Start(t, program)}
	var wide strings.Builder // larger than what the sockets hold
	for i := range 4000 {
		fmt.Fprintf(&wide, "wide:1|ms|#padding:%s,id:%d\n", strings.Repeat("x", 100), i)
	}
	w.take(t, "tcp", wide.String())
	stalled, err := net.Dial("tcp", w.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	send(t, stalled, "GET /metrics HTTP/1.1\r\nHost: weir\r\n\r\n")
	if _, err := stalled.Read(make([]byte, 1)); err != nil { // the response has begun
		t.Fatal(err)
	}
	process.MustStop(t, w.Process)
	if log := w.Log(); !strings.Contains(log, "cut 1 unfinished") {
		t.Errorf("no line of the log says that a response was cut:\n%s", log)
	}
}

// socketPath returns a path for a unix socket: short, as the system wants it.
func socketPath(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "weir")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // the folder is empty, except for files that weir leaves
	return filepath.Join(folder, "s")
}

func (e e2e) testStart(t *testing.T) {
	t.Run("port in use", e.testPortInUse)
	t.Run("second instance", e.testSecondInstance)
	t.Run("bad configuration", e.testBadConfig)
}

// A port that somebody has is an error that names it. A second weir must not share the first one's UDP port, which
// the sharing of ports between loops would allow.
func (e e2e) testPortInUse(t *testing.T) {
	w := e.startWeir(t)
	f := func(key, address string) {
		t.Helper()
		flags := map[string]string{"ingest.udp": "127.0.0.1:0", "ingest.tcp": "127.0.0.1:0", "endpoint.listen": "127.0.0.1:0"}
		flags[key] = address
		var args []string
		for key, value := range flags {
			args = append(args, "--"+key+"="+value)
		}
		e.wantFailure(t, address, args...)
	}
	f("ingest.udp", w.UDP)
	f("ingest.tcp", w.TCP)
	f("endpoint.listen", w.HTTP)
	plain, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	f("ingest.udp", plain.LocalAddr().String())
	if err := w.scrape(t).balance(); err != nil {
		t.Errorf("the first weir: %v", err)
	}
}

func (e e2e) testBadConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(path, []byte("endpoint:\n  listen: {}\ningest: {upd: []}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e.wantFailure(t, path+":2", "--config="+path)
	e.wantFailure(t, "upd", "--config="+path)
	e.wantFailure(t, "missing.yaml", "--config=missing.yaml")
	e.wantFailure(t, "--nonsense", "--nonsense")
}

// wantFailure holds that weir exits with 1 and says why, with message in it.
func (e e2e) wantFailure(t *testing.T, message string, args ...string) {
	t.Helper()
	w := e.launch(t, args...)
	if _ = w.Wait(); w.ExitCode() != 1 || !strings.Contains(w.Log(), message) { // the exit code says what Wait does
		t.Errorf("weir %q: exit code %d, want 1, and %q in:\n%s", args, w.ExitCode(), message, w.Log())
	}
}
