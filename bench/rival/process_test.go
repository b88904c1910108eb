package rival_test

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/bench/workload"
	"weir/bench/workload/verdict"
)

// Prometheus accepts what the program weir exposes: idle, after lines as applications send them, whose every
// number it must read as sent, and after any lines.
func TestProgram(t *testing.T) {
	w := startWeir(t)
	w.judge(t)
	generator := workload.New(workload.Spec{
		Seed: 1, Series: 500, Tags: 3, Mix: workload.EveryKind(), SampledShare: 0.2, PackedShare: 0.2,
	})
	found := w.send(t, string(generator.AppendDatagram(nil, 5000, math.MaxInt)))
	delete(found.families, lastFamily)
	for _, difference := range verdict.Compare(generator.Expected(), found.families) {
		t.Error(difference)
	}
	var arbitrary []string
	for seed := range 3000 {
		arbitrary = append(arbitrary, line.Example(seed))
	}
	w.send(t, strings.Join(arbitrary, "\n"))
}

// program is a running weir.
type program struct{ tcp, http string }

// buildWeir builds weir and returns its path. The end of the test removes it.
func buildWeir(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir")
	build := exec.Command("go", "build", "-o", path, "./cmd/weir")
	build.Dir = "../.."
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, output)
	}
	return path
}

// startWeir starts weir. The end of the test stops it.
func startWeir(t *testing.T) *program {
	t.Helper()
	process := exec.Command(buildWeir(t), "--ingest.udp=127.0.0.1:0", "--ingest.tcp=127.0.0.1:0",
		"--endpoint.listen=127.0.0.1:0", "--log.format=json")
	stderr, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	log := bufio.NewScanner(stderr)
	t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGTERM) // when it has ended, Wait tells
		for log.Scan() {                            // to its end, for Wait closes the pipe
		}
		if err := process.Wait(); err != nil {
			t.Errorf("weir ended with %v, want exit code 0", err)
		}
	})
	for log.Scan() {
		var ready struct{ Message, HTTP, TCP string }
		if json.Unmarshal(log.Bytes(), &ready) == nil && ready.Message == "ready" {
			return &program{tcp: ready.TCP, http: ready.HTTP}
		}
	}
	t.Fatal("weir did not say that it is ready")
	return nil
}

// judge scrapes once, and fails the test when the exposition is not valid.
func (p *program) judge(t *testing.T) *finding {
	t.Helper()
	var found *finding
	for _, accept := range slices.Backward(formats) { // text, which tells all, last
		text, contentType, err := fetch("http://"+p.http, accept)
		if err != nil {
			t.Fatal(err)
		}
		if found, err = judge(text, contentType); err != nil {
			t.Fatalf("%s: %v\n%s", accept, err, text)
		}
	}
	return found
}

// lastFamily counts the calls of send.
const lastFamily = "the_last"

// send sends lines over TCP and returns a scrape that shows them all.
func (p *program) send(t *testing.T, lines string) *finding {
	t.Helper()
	c, err := net.Dial("tcp", p.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const last = `{__name__="` + lastFamily + `"}`
	want := p.judge(t).values[last] + 1
	if _, err := io.WriteString(c, lines+"\n"+lastFamily+":1|c\n"); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if found := p.judge(t); found.values[last] == want {
			return found
		}
	}
	t.Fatal("weir did not take the last line")
	return nil
}
