package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
)

// look runs a viewer beside a double until use returns, and returns how that ended.
func look(t *testing.T, state string, use func(v *viewer) error, flags ...string) (*viewer, error) {
	t.Helper()
	v := &viewer{state: state}
	err := with(t.Context(), doubles(t, flags...)[nameWeir], anyCore, func(i *instance) error {
		v.instance = i
		if err := v.open(t.Context()); err != nil {
			return err
		}
		return errors.Join(use(v), v.close())
	})
	return v, err
}

func nothing(*viewer) error { return nil }

// A viewer polls once when it is opened, unless it looks away; that does not count as the other answers do.
func TestViewerPolls(t *testing.T) {
	f := func(state string, polls bool) {
		t.Helper()
		v, err := look(t, state, nothing)
		if err != nil || len(v.took) != 0 || (v.bytes > 0) != polls || (v.first > 0) != polls {
			t.Errorf("%s: %d bytes, the slowest after %v, %v; %d further answers", state, v.bytes, v.first, err, len(v.took))
		}
	}
	f(lookingAway, false)
	f(lookingAtPage, true)
	f(lookingAtTail, true)
}

// A viewer goes on to poll until it is closed.
func TestViewerGoesOn(t *testing.T) {
	v, err := look(t, lookingAtPage, func(v *viewer) error { return v.Sleep(t.Context(), pollEvery+pollEvery/2) })
	if want := len(polled()); err != nil || len(v.took) < want {
		t.Errorf("%d answers, %v; want at least %d", len(v.took), err, want)
	}
}

// An answer except 200 is the error of the viewer.
func TestViewerFails(t *testing.T) {
	_, err := look(t, lookingAtPage, nothing, "--closed")
	if err == nil || !strings.Contains(err.Error(), polled()[0]+": 403") {
		t.Errorf("the error is %v, want that the first answer is 403", err)
	}
}

// An end in the midst of a poll is no error.
func TestViewerInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	v := viewer{state: lookingAway, err: context.Canceled}
	if err := v.open(ctx); err != nil {
		t.Error(err)
	}
	cancel()
	if err := v.close(); err != nil {
		t.Errorf("close = %v, want no error", err)
	}
}

func TestPercentile99(t *testing.T) {
	f := func(want time.Duration, n int) {
		t.Helper()
		sorted := make([]time.Duration, n)
		for i := range sorted {
			sorted[i] = time.Duration(i)
		}
		if got := percentile99(sorted); got != want {
			t.Errorf("of %d durations it is the %dth, want the %dth", n, got, want)
		}
	}
	f(0, 0)
	f(0, 1)
	f(99, 100)
	f(990, 1000)
}

// More flags do not touch the target that they are added to.
func TestTargetWith(t *testing.T) {
	one := &target{name: nameWeir, program: weirProgram(os.Args[0])}
	two := one.with("--a", "--b")
	before, err := one.program.Args(process.Addresses{})
	after, otherErr := two.program.Args(process.Addresses{})
	if err != nil || otherErr != nil || len(after) != len(before)+2 || after[len(after)-1] != "--b" || two.name != one.name {
		t.Errorf("%q became %q", before, after)
	}
}
