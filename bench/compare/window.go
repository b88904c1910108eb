package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"weir/bench/load/sender"
)

const (
	// A target that uses less than settleCPU within a settleInterval is at rest. A Go program with nothing to
	// do uses a hundredth of that.
	settleInterval = 50 * time.Millisecond
	settleCPU      = 2 * time.Millisecond
	// settleLimit is how long a target may work on what was queued.
	settleLimit = 10 * time.Second
	// drainLimit is how long a target that keeps up may work on what was queued: three settleIntervals.
	drainLimit = 150 * time.Millisecond
)

var errWarm = errors.New("it lost lines of the warm-up")

// window is what a load came to.
type window struct {
	linesPerSecond float64 // as asked for
	sent           sender.Report
	lost           float64       // lines that the target does not report
	kernelDrops    uint64        // datagrams
	drain          time.Duration // from the last line until the target was seen at rest
	cpu            time.Duration
	used           usage // since the start of the process
}

// cpuPerMillion returns the CPU seconds of a million lines that the target took, NaN when it took none.
func (w *window) cpuPerMillion() float64 {
	taken := float64(w.sent.Lines) - w.lost
	if taken <= 0 {
		return math.NaN()
	}
	return w.cpu.Seconds() / taken * 1e6
}

// warm sends each series once.
func (i *instance) warm(ctx context.Context, l *load) error {
	w, err := i.send(ctx, &l.warm, sender.Options{LinesPerSecond: warmRate, Datagrams: uint64(l.warm.Len())})
	if err == nil && w.lost != 0 {
		err = fmt.Errorf("%w: %v of %d", errWarm, w.lost, w.sent.Lines)
	}
	return err
}

// warmAndSend is warm, and then send with the other lines.
func (i *instance) warmAndSend(ctx context.Context, l *load, o sender.Options) (window, error) {
	if err := i.warm(ctx, l); err != nil {
		return window{}, err
	}
	return i.send(ctx, &l.ring, o)
}

// send sends lines to the target, which must be at rest, and says what that cost it.
func (i *instance) send(ctx context.Context, ring *sender.Ring, o sender.Options) (w window, err error) {
	o.Target = "udp://" + i.UDP
	takenBefore, dropsBefore, err := i.taken(ctx)
	if err != nil {
		return w, err
	}
	before, err := i.settle(ctx)
	if err != nil {
		return w, err
	}
	if w.sent, err = sender.Run(ctx, o, ring); err != nil {
		return w, err
	}
	ended := time.Now()
	if w.used, err = i.settle(ctx); err != nil {
		return w, err
	}
	w.drain = time.Since(ended)
	w.cpu = w.used.cpu - before.cpu
	takenAfter, dropsAfter, err := i.taken(ctx)
	if err != nil {
		return w, err
	}
	w.kernelDrops = dropsAfter - dropsBefore
	w.lost = lost(&w.sent, takenBefore, takenAfter)
	return w, nil
}

// taken returns what the target and the kernel say was taken and dropped so far.
func (i *instance) taken(ctx context.Context) (taken tally, drops uint64, err error) {
	if taken, err = i.target.count(ctx, i); err != nil {
		return taken, 0, fmt.Errorf("count of %s: %w", i.target.name, err)
	}
	drops, err = kernelDrops(i.UDP)
	return taken, drops, err
}

// lost returns how many of the lines sent a target did not take. For a target that counts only datagrams it
// is the lines of that many datagrams.
func lost(sent *sender.Report, before, after tally) float64 {
	if after.lines > 0 {
		return float64(sent.Lines) - float64(after.lines-before.lines)
	}
	missing := float64(sent.Datagrams) - float64(after.datagrams-before.datagrams)
	return missing * float64(sent.Lines) / max(1, float64(sent.Datagrams))
}

// settle waits until the target does next to nothing, and returns what it has used until then.
func (i *instance) settle(ctx context.Context) (usage, error) {
	last, err := i.usage()
	if err != nil {
		return usage{}, err
	}
	for deadline := time.Now().Add(settleLimit); time.Now().Before(deadline); {
		if err := i.Sleep(ctx, settleInterval); err != nil {
			return usage{}, err
		}
		now, err := i.usage()
		if err != nil || now.cpu-last.cpu < settleCPU {
			return now, err
		}
		last = now
	}
	return last, nil
}
