package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"weir/bench/process"
)

// buildLimit bounds what is built or installed for one rival.
const buildLimit = 2 * time.Minute

// makeExporter builds the statsd_exporter that .ci/rivals/go.mod pins.
func makeExporter(ctx context.Context, _ kit, t *target) error {
	ctx, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	path, err := output(exec.CommandContext(ctx, "go", "-C", ".ci/rivals", "tool", "-n", "statsd_exporter"))
	if err != nil {
		return err
	}
	version, err := output(exec.CommandContext(ctx, "go", "-C", ".ci/rivals", "list", "-m",
		"-f", "{{.Version}}", "github.com/prometheus/statsd_exporter"))
	if err != nil {
		return err
	}
	t.about = firstLine(version) + ", receive buffer 16 MiB; sets are errors to it, and counted as lines"
	t.tags, t.scraped = true, true
	t.program, t.count = exporterProgram(firstLine(path)), countExporter
	return nil
}

func exporterProgram(path string) *process.Program {
	return &process.Program{
		Path: path,
		Args: func(at process.Addresses) ([]string, error) {
			return []string{
				"--statsd.listen-udp=" + at.UDP, "--statsd.listen-tcp=", "--statsd.read-buffer=16777216",
				"--web.listen-address=" + at.HTTP, "--log.level=error",
			}, nil
		},
		Ready: func(ctx context.Context, p *process.Process) error {
			_, err := p.Get(ctx, "/metrics", "identity")
			return err
		},
	}
}

// countExporter reads the families of a statsd_exporter about itself.
func countExporter(ctx context.Context, i *instance) (tally, error) {
	scraped, err := i.families(ctx)
	if err != nil {
		return tally{}, err
	}
	return tally{
		datagrams: uint64(scraped.Sum("statsd_exporter_udp_packets_total")),
		lines:     uint64(scraped.Sum("statsd_exporter_lines_total")),
	}, nil
}

// makeNode installs the statsd of npm that bench/compare/statsd pins.
func makeNode(ctx context.Context, k kit, t *target) error {
	ctx, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	node, err := exec.LookPath("node")
	if err != nil {
		return fmt.Errorf("%w; install it: apt-get install nodejs npm", err)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("%w; install it: apt-get install npm", err)
	}
	directory := filepath.Join(k.scratch, "statsd")
	if err := os.CopyFS(directory, os.DirFS("bench/compare/statsd")); err != nil {
		return err
	}
	install := exec.CommandContext(ctx, "npm", "ci", "--prefer-offline", "--omit=optional",
		"--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir, install.WaitDelay = directory, stopLimit
	if _, err := output(install); err != nil {
		return err
	}
	version, err := output(exec.CommandContext(ctx, node, "--version"))
	if err != nil {
		return err
	}
	t.about = "0.9.0 of npm, Node.js " + firstLine(version) +
		", no backend, never flushed while measured; it reads no DogStatsD tags"
	t.program = nodeProgram(node, directory)
	t.count = func(ctx context.Context, i *instance) (tally, error) { return countNode(ctx, i.TCP) }
	return nil
}

// nodeProgram returns the statsd that is installed in a directory.
func nodeProgram(node, directory string) *process.Program {
	return &process.Program{
		Path: node,
		Args: func(at process.Addresses) ([]string, error) { return nodeArgs(directory, at) },
		Ready: func(ctx context.Context, p *process.Process) error {
			_, err := countNode(ctx, p.TCP)
			return err
		},
	}
}

// nodeArgs writes the configuration of a statsd of npm, next to the program.
func nodeArgs(directory string, at process.Addresses) ([]string, error) {
	text, err := json.Marshal(map[string]any{
		"address": process.Host, "port": process.Port(at.UDP),
		"mgmt_address": process.Host, "mgmt_port": process.Port(at.TCP),
		"backends": []string{}, "flushInterval": time.Hour.Milliseconds(),
	})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(directory, "config.js")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	return []string{filepath.Join(directory, "node_modules", "statsd", "stats.js"), file}, nil
}

// countNode asks a statsd of npm over its management interface.
func countNode(ctx context.Context, management string) (t tally, err error) {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", management)
	if err != nil {
		return tally{}, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(requestLimit)); err != nil {
		return tally{}, err
	}
	if _, err := io.WriteString(c, "counters\n"); err != nil {
		return tally{}, err
	}
	var text strings.Builder
	for answer := bufio.NewScanner(c); answer.Scan() && answer.Text() != "END"; {
		text.WriteString(answer.Text() + "\n")
	}
	return parseNode(text.String())
}

var nodeCount = regexp.MustCompile(`'?statsd\.(packets|metrics)_received'?: (\d+)`)

// parseNode reads what a statsd of npm has counted of itself.
func parseNode(text string) (t tally, err error) {
	found := nodeCount.FindAllStringSubmatch(text, -1)
	if len(found) != 2 {
		return tally{}, errors.New("the counters have no statsd.packets_received and statsd.metrics_received")
	}
	for _, match := range found {
		to := &t.datagrams
		if match[1] == "metrics" {
			to = &t.lines
		}
		if *to, err = strconv.ParseUint(match[2], 10, 64); err != nil {
			return tally{}, err
		}
	}
	return t, nil
}
