package main

import (
	"errors"
	"testing"
)

func TestSearch(t *testing.T) {
	f := func(limit, sender, start float64, trials int, low, high float64, atLeast bool) {
		t.Helper()
		found, err := search(start, trials, func(rate float64) (outcome, float64, error) {
			switch {
			case rate > limit:
				return lossy, 0, nil
			case rate > sender:
				return late, sender, nil
			default:
				return lossless, rate, nil
			}
		})
		if err != nil || found.linesPerSecond < low || found.linesPerSecond > high || found.atLeast != atLeast ||
			found.trials > trials {
			t.Errorf("search for %v from %v with a sender of %v in %d trials = %+v, %v, want %v to %v, at least: %v",
				limit, start, sender, trials, found, err, low, high, atLeast)
		}
	}
	const fast = 1e12
	f(1_000_000, fast, 250_000, 20, 1_000_000/tolerance, 1_000_000, false)
	f(999_999, fast, 250_000, 20, 999_999/tolerance, 999_999, false)
	f(30_000, fast, 250_000, 20, 30_000/tolerance, 30_000, false) // downwards
	f(17_700_000, fast, 250_000, 20, 17_700_000/tolerance, 17_700_000, false)
	f(17_700_000, fast, 250_000, 3, 1_000_000, 1_000_000, true) // out of trials on the way up
	f(1_500_000, fast, 250_000, 5, 1_000_000, 1_500_000, false) // and in between
	f(fast, 5_000_000, 250_000, 20, 5_000_000, 5_000_000, true) // the sender is the limit
	f(0, fast, 250_000, 8, 0, 0, false)                         // every rate is lossy
}

// A rate that fails once and not again was a moment's disturbance.
func TestSearchTriesAgain(t *testing.T) {
	tries := make(map[float64]int)
	found, err := search(100, 30, func(rate float64) (outcome, float64, error) {
		tries[rate]++
		switch {
		case rate > 3000, tries[rate] == 1 && rate == 400:
			return lossy, 0, nil
		case tries[rate] == 1 && rate == 800:
			return late, 700, nil
		default:
			return lossless, rate, nil
		}
	})
	if err != nil || found.linesPerSecond < 3000/tolerance || found.atLeast {
		t.Errorf("search = %+v, %v, want about 3000", found, err)
	}
}

func TestSearchError(t *testing.T) {
	broken := errors.New("broken")
	found, err := search(1, 5, func(rate float64) (outcome, float64, error) {
		if rate > 3 {
			return lossy, 0, broken
		}
		return lossless, rate, nil
	})
	if !errors.Is(err, broken) || found.linesPerSecond != 2 {
		t.Errorf("search = %+v, %v, want 2 and the error", found, err)
	}
}
