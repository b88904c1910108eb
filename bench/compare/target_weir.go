package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"weir/bench/process"
)

// makeWeir describes weir with its defaults, except that no scrape is served from the cache.
func makeWeir(ctx context.Context, k kit, t *target) error {
	path, err := filepath.Abs(k.weir)
	if err != nil {
		return err
	}
	version, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return fmt.Errorf("run %s: %w", path, err)
	}
	t.about = firstLine(version) + ", defaults, except --cache.ttl=0s: every scrape is rendered"
	t.tags, t.scraped = true, true
	t.program, t.count = weirProgram(path), countWeir
	return nil
}

// weirProgram returns weir as it is measured: without TCP, which no other target has.
func weirProgram(path string) *process.Program {
	program := process.Weir(path)
	program.Args = func(at process.Addresses) ([]string, error) {
		return []string{
			"--ingest.udp=" + at.UDP, "--ingest.tcp=", "--endpoint.listen=" + at.HTTP, "--log.format=json",
			"--cache.ttl=0s",
		}, nil
	}
	return program
}

// countWeir reads the ledger of weir, which must be at rest. It is an error when weir did not record every
// sample it received: refusing one is less work.
func countWeir(ctx context.Context, i *instance) (tally, error) {
	scraped, err := i.families(ctx, "weir_kernel_drops_total", "weir_samples_received_total",
		"weir_samples_recorded_total", "weir_datagrams_received_total", "weir_lines_received_total")
	if err != nil {
		return tally{}, err
	}
	drops, err := kernelDrops(i.UDP)
	if err != nil {
		return tally{}, err
	}
	if reported := scraped.Sum("weir_kernel_drops_total"); reported != float64(drops) {
		return tally{}, fmt.Errorf("weir reports %v datagrams dropped, the kernel %d", reported, drops)
	}
	received := scraped.Sum("weir_samples_received_total")
	if recorded := scraped.Sum("weir_samples_recorded_total"); recorded != received {
		return tally{}, fmt.Errorf("weir received %v samples and recorded %v", received, recorded)
	}
	return tally{
		datagrams: uint64(scraped.Sum("weir_datagrams_received_total")),
		lines:     uint64(scraped.Sum("weir_lines_received_total")),
	}, nil
}
