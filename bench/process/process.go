package process

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"weir/internal/poll"
)

// Process is a program that was started.
type Process struct {
	Addresses // where it listens; known when it is ready

	program *Program
	cmd     *exec.Cmd
	log     *record
	client  http.Client

	alive context.Context         // ends with the process; the cause is an ErrEnded that says how it ended
	end   context.CancelCauseFunc // called by wait
	err   error                   // of exec.Cmd.Wait; set before alive ends
}

func newProcess(g *Program, cmd *exec.Cmd, at Addresses) *Process {
	p := &Process{Addresses: at, program: g, cmd: cmd, log: newRecord()}
	p.alive, p.end = context.WithCancelCause(context.Background())
	p.client = http.Client{Timeout: requestLimit, Transport: &http.Transport{}}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	return p
}

// wait notes the end of the process.
func (p *Process) wait() {
	p.err = p.cmd.Wait()
	p.end(fmt.Errorf("%w: %v", ErrEnded, p.cmd.ProcessState))
	p.client.CloseIdleConnections()
}

// AwaitReady returns nil when the process is ready. Otherwise the error says that it has ended (ErrEnded),
// that it took too long (ErrNotReady), or that ctx has ended.
func (p *Process) AwaitReady(ctx context.Context) error {
	limit := p.program.startLimit()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w after %v", ErrNotReady, limit))
	defer cancel()
	switch {
	case p.program.Announced != nil:
		return p.AwaitLine(ctx, func(line string) bool {
			at, is := p.program.Announced(line)
			if is {
				p.Addresses = at
			}
			return is
		})
	case p.program.Ready != nil:
		return p.Poll(ctx, func(ctx context.Context) error { return p.program.Ready(ctx, p) })
	default:
		return nil
	}
}

// AwaitLine waits for a line of the log that match accepts, behind the lines that earlier calls have read.
func (p *Process) AwaitLine(ctx context.Context, match func(line string) bool) error {
	for {
		ended := p.alive.Err() != nil // then nothing is written after the lines that are looked at below
		line, found, more := p.log.nextLine()
		switch {
		case found && match(line):
			return nil
		case found:
			continue
		case ended:
			return context.Cause(p.alive)
		}
		select {
		case <-more:
		case <-p.alive.Done():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// AwaitLog waits for a line of the log with text in it, behind the lines that earlier calls have read.
func (p *Process) AwaitLog(ctx context.Context, text string) error {
	err := p.AwaitLine(ctx, func(line string) bool { return strings.Contains(line, text) })
	if err != nil {
		return fmt.Errorf("no line of the log with %q: %w", text, err)
	}
	return nil
}

// SkipLog makes AwaitLine and AwaitLog read only lines that are written from now on.
func (p *Process) SkipLog() { p.log.skip() }

// Poll calls try until it returns nil. It is an error when ctx or the process ends first.
func (p *Process) Poll(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	forget := context.AfterFunc(p.alive, func() { cancel(context.Cause(p.alive)) })
	defer forget()
	return poll.Until(ctx, func() error { return try(ctx) })
}

// Sleep waits for d. It is an error when ctx or the process ends first.
func (p *Process) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.alive.Done():
		return context.Cause(p.alive)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// PID returns the id of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Log returns what the process wrote to its standard output and its standard error; of a lot, the end.
func (p *Process) Log() string { return p.log.String() }

// Signal sends a signal. It is an error when the process has ended.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// Stop sends SIGTERM and waits for the end. It returns nil after exit code 0 and otherwise how the process
// ended. A process that does not end within StopLimit is killed, which is an error too. Stop may be called
// again.
func (p *Process) Stop() error {
	_ = p.Signal(syscall.SIGTERM) // when it has ended, Wait tells how
	return p.Wait()
}

// Wait waits for the end of the process as Stop does, without a signal.
func (p *Process) Wait() error {
	limit := p.program.stopLimit()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.alive.Done():
		return p.err
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("%s did not end within %v, and was killed", p.program.name(), limit)
	}
}

// Kill ends the process at once, with no chance to save anything, and returns when it has ended.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // when it has ended, there is nothing to kill
	<-p.alive.Done()
}

// Done returns a channel that is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.alive.Done() }

// ExitCode returns the exit code of a process that has ended, -1 when a signal ended it.
func (p *Process) ExitCode() int { return p.cmd.ProcessState.ExitCode() }

var errRuns = errors.New("the process runs")

// Restart starts the program once more, at the addresses of p, which must have ended.
func (p *Process) Restart(ctx context.Context) (*Process, error) {
	if p.alive.Err() == nil {
		return nil, fmt.Errorf("restart %s: %w", p.program.name(), errRuns)
	}
	return p.program.start(ctx, &p.Addresses)
}
