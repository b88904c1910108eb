package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"weir/bench/command"
	"weir/bench/load/sender"
	"weir/bench/workload"
)

func main() { command.Main(run) }

// run runs one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return command.Code("load", stderr, func() error {
		l, err := parse(args, stderr)
		if err != nil {
			return err
		}
		return l.run(ctx, stdout)
	})
}

// load is a command line.
type load struct {
	sender   sender.Options
	workload workload.Spec
	lines    int // of a datagram, at most
	maxBytes int // of a datagram
	json     bool
}

// run sends, and prints the report if anything was sent. Lines that were not sent, or that nobody received,
// are an error that the report has.
func (l *load) run(ctx context.Context, stdout io.Writer) error {
	report, err := sender.Run(ctx, l.sender, l.ring())
	if report.Datagrams > 0 {
		l.print(stdout, &report)
	}
	if err == nil && (report.UnsentLines > 0 || report.Refused > 0) {
		err = command.ErrReported
	}
	return err
}

const (
	minDatagram = 64
	maxDatagram = 65_507 // the most that UDP carries over IPv4
	maxLines    = 10_000
)

func parse(args []string, stderr io.Writer) (*load, error) {
	l := &load{}
	var mix string
	flags := command.Flags("load", stderr)
	flags.StringVar(&l.sender.Target, "target", "udp://127.0.0.1:9125",
		"udp:// or tcp:// and a loopback address, or unixgram:// and a path")
	flags.Float64Var(&l.sender.LinesPerSecond, "rate", 10_000, "lines a second; 0 is as fast as possible")
	flags.DurationVar(&l.sender.Duration, "duration", 10*time.Second, "how long to send")
	flags.IntVar(&l.sender.Sockets, "sockets", 1, "client sockets that take turns")
	flags.IntVar(&l.lines, "lines", 10, "lines of a datagram, if they fit")
	flags.IntVar(&l.maxBytes, "max-datagram", 1432, "bytes of a datagram")
	flags.IntVar(&l.workload.Series, "series", 1000, "distinct series")
	flags.IntVar(&l.workload.Tags, "tags", 3, "tags of a line")
	flags.StringVar(&mix, "mix", "realistic",
		"kinds of lines: realistic, every, counters or weights, c=60,ms=20,g=15,s=5")
	flags.Float64Var(&l.workload.SampledShare, "sampled", 0, "share of counters with a sample rate, 0 to 1")
	flags.Float64Var(&l.workload.PackedShare, "packed", 0, "share of lines with several values, 0 to 1")
	flags.Uint64Var(&l.workload.Seed, "seed", 1, "seed: equal flags and seeds send equal lines")
	flags.BoolVar(&l.json, "json", false, "print the report as JSON")
	if err := command.Parse(flags, args); err != nil {
		return nil, err
	}
	var mixErr error
	l.workload.Mix, mixErr = workload.ParseMix(mix)
	return l, errors.Join(l.sender.Validate(), l.workload.Validate(), l.validate(), mixErr)
}

func (l *load) validate() error {
	var errs []error
	if l.lines < 1 || l.lines > maxLines {
		errs = append(errs, fmt.Errorf("lines: %d: want 1 to %d", l.lines, maxLines))
	}
	if l.maxBytes < minDatagram || l.maxBytes > maxDatagram {
		err := fmt.Errorf("max-datagram: %d: want %d to %d", l.maxBytes, minDatagram, maxDatagram)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

const (
	// minRingLines is how many lines are made before the first one is sent, unless fewer will be sent.
	minRingLines = 200_000
	// maxRingLines bounds the memory: about 110 bytes a line with three tags.
	maxRingLines = 4_000_000
)

// ring makes the datagrams: each series twice, unless fewer lines will be sent.
func (l *load) ring() *sender.Ring {
	lines := uint64(min(maxRingLines, max(minRingLines, 2*l.workload.Series)))
	if rate := l.sender.LinesPerSecond; rate > 0 {
		lines = min(lines, uint64(rate*l.sender.Duration.Seconds())+1)
	}
	var ring sender.Ring
	g := workload.New(l.workload)
	for ring.Lines() < lines {
		ring.Generate(g, l.lines, l.maxBytes)
	}
	return &ring
}

// print writes the report as a line, of text or of JSON.
func (l *load) print(w io.Writer, report *sender.Report) {
	if !l.json {
		fmt.Fprintln(w, report)
		return
	}
	text, err := json.Marshal(report)
	if err != nil {
		panic("BUG: a report is no JSON: " + err.Error()) // it holds finite numbers and text
	}
	fmt.Fprintf(w, "%s\n", text)
}
