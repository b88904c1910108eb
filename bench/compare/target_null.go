package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// makeNullC compiles bench/sink/c/sink.c.
func (k kit) makeNullC(ctx context.Context, t *target) error {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return fmt.Errorf("%w; install a C compiler: apt-get install gcc libc6-dev", err)
	}
	version, err := output(exec.CommandContext(ctx, compiler, "--version"))
	if err != nil {
		return err
	}
	t.describeNull("recvmmsg in C, bench/sink/c/sink.c, cc -O2, "+firstLine(version), k.scratch)
	_, err = output(exec.CommandContext(ctx, compiler, "-O2", "-o", t.binary, "bench/sink/c/sink.c"))
	return err
}

// makeNullGo builds bench/sink.
func (k kit) makeNullGo(ctx context.Context, t *target) error {
	t.describeNull("recvmmsg in Go, blocking, on a locked thread, bench/sink", k.scratch)
	_, err := output(exec.CommandContext(ctx, "go", "build", "-o", t.binary, "./bench/sink"))
	return err
}

func (t *target) describeNull(about, scratch string) {
	t.about, t.tags, t.binary = about, true, filepath.Join(scratch, t.name)
	t.arguments = func(p *process) ([]string, error) { return []string{strconv.Itoa(p.udp.Port)}, nil }
	t.ready = func(_ context.Context, p *process) error {
		if !strings.HasPrefix(p.answers.String(), "ready\n") {
			return errNotYet
		}
		return nil
	}
	t.count = countNull
}

// countNull asks a null sink, by a signal, until it has answered.
func countNull(ctx context.Context, p *process) (tally, error) {
	p.answers.reset()
	deadline := time.Now().Add(requestLimit)
	for time.Now().Before(deadline) {
		if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
			return tally{}, err
		}
		if err := p.sleep(ctx, pollInterval); err != nil {
			return tally{}, err
		}
		if text := p.answers.String(); strings.HasSuffix(text, "\n") {
			return parseNull(text)
		}
	}
	return tally{}, errNotYet
}

// parseNull reads the last line of what a null sink wrote: how many datagrams and bytes it took.
func parseNull(text string) (t tally, err error) {
	line := text[strings.LastIndexByte(text[:len(text)-1], '\n')+1:]
	bytes := uint64(0)
	if _, err := fmt.Sscanf(line, "%d %d\n", &t.datagrams, &bytes); err != nil {
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
