package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// makeWeir describes weir with its defaults, but that every scrape renders anew.
func (k kit) makeWeir(ctx context.Context, t *target) error {
	var err error
	if t.binary, err = filepath.Abs(k.weir); err != nil {
		return err
	}
	version, err := exec.CommandContext(ctx, t.binary, "--version").Output()
	if err != nil {
		return fmt.Errorf("run %s: %w", t.binary, err)
	}
	t.about = firstLine(version) + ", defaults, but --cache.ttl=0s: every scrape is rendered anew"
	t.tags, t.scraped = true, true
	t.arguments = func(p *process) ([]string, error) {
		return []string{
			"--ingest.udp=" + p.udp.String(), "--ingest.tcp=", "--endpoint.listen=" + p.tcp, "--cache.ttl=0s",
		}, nil
	}
	t.ready = func(ctx context.Context, p *process) error {
		_, err := p.get(ctx, "/-/ready", "identity")
		return err
	}
	t.count = countWeir
	return nil
}

// countWeir reads the ledger of weir, which must be at rest. It is an error when weir did not record every
// sample it received: refusing one is less work.
func countWeir(ctx context.Context, p *process) (tally, error) {
	scraped, err := p.families(ctx)
	if err != nil {
		return tally{}, err
	}
	drops, err := kernelDrops(uint16(p.udp.Port))
	if err != nil {
		return tally{}, err
	}
	if told := scraped.sum("weir_kernel_drops_total"); told != float64(drops) {
		return tally{}, fmt.Errorf("weir tells of %v datagrams dropped, the kernel of %d", told, drops)
	}
	received := scraped.sum("weir_samples_received_total")
	if recorded := scraped.sum("weir_samples_recorded_total"); recorded != received {
		return tally{}, fmt.Errorf("weir received %v samples and recorded %v", received, recorded)
	}
	return tally{
		datagrams: uint64(scraped.sum("weir_datagrams_received_total")),
		lines:     uint64(scraped.sum("weir_lines_received_total")),
	}, nil
}

// families are a scrape, by name.
type families map[string]*dto.MetricFamily

func (p *process) families(ctx context.Context) (families, error) {
	text, err := p.get(ctx, "/metrics", "identity")
	if err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	return parser.TextToMetricFamilies(bytes.NewReader(text))
}

// sum returns the sum of a family of counters over all labels, 0 when there is none.
func (f families) sum(name string) float64 {
	sum := 0.0
	for _, m := range f[name].GetMetric() {
		sum += m.GetCounter().GetValue()
	}
	return sum
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line)
}
