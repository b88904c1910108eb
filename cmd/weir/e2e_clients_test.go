package main_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
)

// client is a StatsD client that weir did not write, and a script in testdata/e2e that sends with it. The script
// gets host, port and network as arguments, after args.
type client struct {
	name    string
	install string // what to install when it is missing
	// program runs the script, and with the arguments of probe fails when the client is missing.
	program  string
	args     []string
	probe    []string
	networks []string

	told   map[string]float64 // the script's samples, by series as a scrape shows them; of a histogram its count and sum
	untold []string           // series that the client sends by itself
	// The samples that the script sends, and how many of them are negative counts, which are rejected; 0 samples are
	// not compared.
	samples, negative float64
	shows             map[string]float64 // what a scrape must show besides, when the client is not at fault
	faults            []fault
}

// fault is a way in which a client does not send what it was told.
type fault struct {
	network string // empty for all of the client's
	series  string // empty for all
	what    change
	isRare  bool // it may be absent from a run
}

// change is what became of a series on its way through a client.
type change int

const (
	less change = iota // smaller, or absent
	more               // larger, or not told at all
)

func (d difference) change() change {
	if math.IsNaN(d.want) || d.got > d.want {
		return more
	}
	return less
}

func (f *fault) explains(d difference, network string) bool {
	return (f.network == "" || f.network == network) && (f.series == "" || f.series == d.series) &&
		f.what == d.change()
}

// What a client was told to send, the bytes that it sent, and what weir exposes of them are three things. Where the
// first two differ, the client is at fault, and the table must say so: docs/clients.md tells users. The last two must
// not differ.
func (e e2e) testClients(t *testing.T) {
	list := append(longScripts(), nodeClients()...)
	list = append(list, debianClients()...)
	list = append(list, goClients(t)...)
	for i := range list {
		c := &list[i]
		for _, network := range c.networks {
			t.Run(c.name+"/"+network, func(t *testing.T) { e.testClient(t, c, network) })
		}
	}
}

func (e e2e) testClient(t *testing.T, c *client, network string) {
	t.Helper()
	t.Parallel()
	program := c.find(t)
	w, address := e.startListening(t, network)
	r := startRecorder(t, network, address)
	ctx, cancel := context.WithTimeout(t.Context(), recordLimit)
	defer cancel()
	sending := exec.CommandContext(ctx, program, append(slices.Clone(c.args), r.host, r.port, network)...)
	sending.WaitDelay = time.Second
	if output, err := sending.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", sending, err, output)
	}
	sent := read(network, r.record(t))
	if c.samples != 0 && (sent.samples != c.samples || sent.rejected != c.negative) {
		t.Errorf("%s sent %v samples, %v of them negative counts, want %v and %v",
			c.name, sent.samples, sent.rejected, c.samples, c.negative)
	}
	isWhole := c.blame(t, network, differences(c.told, sent.values))
	eventually(t, func() error {
		p := w.scrape(t)
		errs := []error{p.shows(sent, network), p.balance()}
		if isWhole {
			errs = append(errs, p.compare(c.shows))
		}
		return errors.Join(errs...)
	})
}

// startListening starts weir, and returns the address of its listener of a network.
func (e e2e) startListening(t *testing.T, network string) (w *weir, address string) {
	t.Helper()
	if !strings.HasPrefix(network, "unix") {
		w = e.startWeir(t)
		return w, w.Of(network)
	}
	address = socketPath(t)
	return e.startWeir(t, "--ingest."+network+"="+address), address
}

// blame fails the test when the client has a fault that the table does not list, and notes when a listed one has gone.
// It returns whether there was none.
func (c *client) blame(t *testing.T, network string, seen []difference) bool {
	t.Helper()
	isSeen := make([]bool, len(c.faults))
	seen = slices.DeleteFunc(seen, func(d difference) bool { return slices.Contains(c.untold, d.series) })
	for _, d := range seen {
		isKnown := false
		for i := range c.faults {
			if c.faults[i].explains(d, network) {
				isKnown, isSeen[i] = true, true
			}
		}
		if !isKnown {
			t.Errorf("a fault of %s that the table does not list: sent %v", c.name, d)
		}
	}
	for i := range c.faults {
		f := &c.faults[i]
		if !isSeen[i] && !f.isRare && (f.network == "" || f.network == network) {
			t.Logf("NOTE: a fault of %s has gone: take %+v from the table and from docs/clients.md", c.name, *f)
		}
	}
	return len(seen) == 0
}

// shows returns how the page differs from what was sent.
func (p *page) shows(sent *reading, network string) error {
	got := make(map[string]float64)
	for series, value := range p.values {
		name, _, _ := strings.Cut(series, "{")
		if !strings.HasPrefix(name, "weir_") && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") &&
			!strings.HasSuffix(name, "_bucket") {
			got[series] = value
		}
	}
	var errs []error
	for _, d := range differences(sent.values, got) {
		errs = append(errs, fmt.Errorf("weir is at fault: %v", d))
	}
	received := p.values[fmt.Sprintf("weir_samples_received_total{transport=%q}", network)]
	if rejected := p.sum("weir_samples_rejected_total"); received != sent.samples || rejected != sent.rejected {
		errs = append(errs, fmt.Errorf("weir is at fault: %v samples received, %v rejected, want %v and %v",
			received, rejected, sent.samples, sent.rejected))
	}
	return errors.Join(errs...)
}

// find returns the path of the program that runs the client, or skips the test where the client is missing.
func (c *client) find(t *testing.T) string {
	t.Helper()
	program := need(t, c.program, c.install)
	if c.probe == nil {
		return program
	}
	probe := exec.CommandContext(t.Context(), program, c.probe...)
	probe.Dir = scripts
	if output, err := probe.CombinedOutput(); err != nil {
		t.Logf("%v: %v\n%s", probe, err, output)
		process.Missing(t, "install "+c.install)
	}
	return program
}
