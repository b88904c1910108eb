package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"weir/bench/load/sender"
	"weir/bench/workload"
)

func main() {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	release()
	os.Exit(code)
}

// run runs one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "load:", err)
		return 1
	}
	report, err := sender.Run(ctx, c.sender, c.ring())
	if report.Datagrams > 0 {
		c.print(stdout, &report)
	}
	if err != nil {
		fmt.Fprintln(stderr, "load:", err)
		return 1
	}
	if report.UnsentLines > 0 || report.Refused > 0 {
		return 1
	}
	return 0
}

// command is a command line.
type command struct {
	sender   sender.Options
	workload workload.Spec
	lines    int // of a datagram, at most
	maxBytes int // of a datagram
	json     bool
}

const (
	minDatagram = 64
	maxDatagram = 65_507 // the most that UDP carries over IPv4
	maxLines    = 10_000
)

func parse(args []string, stderr io.Writer) (*command, error) {
	c := &command{}
	var mix string
	flags := pflag.NewFlagSet("load", pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.SortFlags = false
	flags.StringVar(&c.sender.Target, "target", "udp://127.0.0.1:9125",
		"udp:// or tcp:// and a loopback address, or unixgram:// and a path")
	flags.Float64Var(&c.sender.LinesPerSecond, "rate", 10_000, "lines a second; 0 is as fast as possible")
	flags.DurationVar(&c.sender.Duration, "duration", 10*time.Second, "how long to send")
	flags.IntVar(&c.sender.Sockets, "sockets", 1, "client sockets that take turns")
	flags.IntVar(&c.lines, "lines", 10, "lines of a datagram, if they fit")
	flags.IntVar(&c.maxBytes, "max-datagram", 1432, "bytes of a datagram")
	flags.IntVar(&c.workload.Series, "series", 1000, "distinct series")
	flags.IntVar(&c.workload.Tags, "tags", 3, "tags of a line")
	flags.StringVar(&mix, "mix", "realistic",
		"kinds of lines: realistic, every, counters or weights, c=60,ms=20,g=15,s=5")
	flags.Float64Var(&c.workload.SampledShare, "sampled", 0, "share of counters with a sample rate, 0 to 1")
	flags.Float64Var(&c.workload.PackedShare, "packed", 0, "share of lines with several values, 0 to 1")
	flags.Uint64Var(&c.workload.Seed, "seed", 1, "seed: equal flags and seeds send equal lines")
	flags.BoolVar(&c.json, "json", false, "print the report as JSON")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	var mixErr error
	c.workload.Mix, mixErr = workload.ParseMix(mix)
	return c, errors.Join(c.sender.Validate(), c.workload.Validate(), c.validate(), mixErr)
}

func (c *command) validate() error {
	var errs []error
	if c.lines < 1 || c.lines > maxLines {
		errs = append(errs, fmt.Errorf("lines: %d: want 1 to %d", c.lines, maxLines))
	}
	if c.maxBytes < minDatagram || c.maxBytes > maxDatagram {
		err := fmt.Errorf("max-datagram: %d: want %d to %d", c.maxBytes, minDatagram, maxDatagram)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

const (
	// minRingLines is how many lines are made before the first is sent, if so many will be.
	minRingLines = 200_000
	// maxRingLines bounds the memory: about 110 bytes a line with three tags.
	maxRingLines = 4_000_000
)

// ring makes the datagrams: each series twice, unless fewer lines will be sent.
func (c *command) ring() *sender.Ring {
	lines := uint64(min(maxRingLines, max(minRingLines, 2*c.workload.Series)))
	if rate := c.sender.LinesPerSecond; rate > 0 {
		lines = min(lines, uint64(rate*c.sender.Duration.Seconds())+1)
	}
	var ring sender.Ring
	g := workload.New(c.workload)
	for ring.Lines() < lines {
		ring.Generate(g, c.lines, c.maxBytes)
	}
	return &ring
}

// print writes the report as a line, of text or of JSON.
func (c *command) print(w io.Writer, report *sender.Report) {
	if !c.json {
		fmt.Fprintln(w, report)
		return
	}
	text, err := json.Marshal(report)
	if err != nil {
		panic("BUG: a report is no JSON: " + err.Error()) // it holds finite numbers and text
	}
	fmt.Fprintf(w, "%s\n", text)
}
