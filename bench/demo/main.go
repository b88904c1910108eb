package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"weir/bench/command"
	"weir/bench/workload"
)

func main() { command.Main(run) }

// run runs one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return command.Code("demo", stderr, func() error {
		d, err := parse(args, stderr)
		if err != nil {
			return err
		}
		d.stdout, d.stderr = stdout, stderr
		problems, err := d.run(ctx)
		if err == nil && len(problems) > 0 {
			printProblems(stdout, problems)
			err = command.ErrReported
		}
		if err == nil {
			fmt.Fprintln(stdout, "OK: sent = recorded")
		}
		return err
	})
}

func parse(args []string, stderr io.Writer) (*demo, error) {
	d := &demo{
		spec:    workload.Spec{Mix: workload.EveryKind(), SampledShare: 0.2, PackedShare: 0.05},
		timeout: 10 * time.Second,
	}
	flags := command.Flags("demo", stderr)
	flags.StringVar(&d.binary, "weir", "bin/weir", "path of the program")
	flags.IntVar(&d.linesPerSecond, "rate", 50_000, "lines a second")
	flags.DurationVar(&d.duration, "duration", 3*time.Second, "how long to send")
	flags.IntVar(&d.spec.Series, "series", 1000, "distinct series")
	flags.IntVar(&d.spec.Tags, "tags", 3, "tags of a line")
	flags.Uint64Var(&d.spec.Seed, "seed", 1, "seed: equal flags and seeds send equal lines")
	if err := command.Parse(flags, args); err != nil {
		return nil, err
	}
	return d, errors.Join(d.validate(), d.spec.Validate())
}
