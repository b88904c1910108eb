package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"weir/bench/process"
)

// makeNullC compiles bench/sink/c/sink.c.
func makeNullC(ctx context.Context, k kit, t *target) error {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return fmt.Errorf("%w; install a C compiler: apt-get install gcc libc6-dev", err)
	}
	version, err := output(exec.CommandContext(ctx, compiler, "--version"))
	if err != nil {
		return err
	}
	describeNull(t, k, "recvmmsg in C, bench/sink/c/sink.c, cc -O2, "+firstLine(version))
	_, err = output(exec.CommandContext(ctx, compiler, "-O2", "-o", t.program.Path, "bench/sink/c/sink.c"))
	return err
}

// makeNullGo builds bench/sink.
func makeNullGo(ctx context.Context, k kit, t *target) error {
	describeNull(t, k, "recvmmsg in Go, blocking, on a locked thread, bench/sink")
	_, err := output(exec.CommandContext(ctx, "go", "build", "-o", t.program.Path, "./bench/sink"))
	return err
}

func describeNull(t *target, k kit, about string) {
	t.about, t.tags = about, true
	t.program = &process.Program{
		Path: filepath.Join(k.scratch, t.name),
		Args: func(at process.Addresses) ([]string, error) {
			return []string{strconv.Itoa(process.Port(at.UDP))}, nil
		},
		Ready: func(ctx context.Context, p *process.Process) error {
			return p.AwaitLine(ctx, func(line string) bool { return line == "ready" })
		},
	}
	t.count = countNull
}

// countNull asks a null sink by a signal; the line that it writes then is its answer.
func countNull(ctx context.Context, i *instance) (t tally, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	i.SkipLog()
	if err := i.Signal(syscall.SIGUSR1); err != nil {
		return tally{}, err
	}
	var answer string
	if err := i.AwaitLine(ctx, func(line string) bool {
		answer = line
		return true
	}); err != nil {
		return tally{}, err
	}
	return parseNull(answer)
}

// parseNull reads the answer of a null sink: how many datagrams and bytes it took.
func parseNull(line string) (t tally, err error) {
	bytes := uint64(0)
	if _, err := fmt.Sscanf(line, "%d %d", &t.datagrams, &bytes); err != nil {
		return tally{}, fmt.Errorf("the sink wrote %q: %w", line, err)
	}
	return t, nil
}

// output runs a command to its end and returns what it wrote to its standard output; the error has the rest.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr strings.Builder
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		line, wrote := strings.Join(cmd.Args, " "), strings.TrimSpace(stderr.String())
		return nil, fmt.Errorf("%s: %w: %s", line, err, wrote)
	}
	return text, nil
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line)
}
