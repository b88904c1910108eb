package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// Nodes have nearly equal parts, and only what must move does.
func TestSpread(t *testing.T) {
	const series = 50_000
	list := ids(series)
	for _, count := range []int{3, 10, 100} {
		r := of(list, count)
		// The series of a node are binomial: their standard deviation is the root of their mean.
		if want := math.Sqrt(float64(count) / series); r.deviation > 2*want {
			t.Errorf("%d nodes: standard deviation %v of the mean, want about %v", count, r.deviation, want)
		}
		if r.least < 0.8 || r.most > 1.2 || r.least > 1 || r.most < 1 {
			t.Errorf("%d nodes have %v to %v of the mean", count, r.least, r.most)
		}
		if r.joinedOthers != 0 || r.leftOthers != 0 {
			t.Errorf("%d nodes: series moved between others: %+v", count, r)
		}
		if ideal := 1 / float64(count+1); math.Abs(r.joined-ideal) > 0.2*ideal {
			t.Errorf("%d nodes: %v of all series moved to one more, want about %v", count, r.joined, ideal)
		}
		if ideal := 1 / float64(count); math.Abs(r.left-ideal) > 0.2*ideal {
			t.Errorf("%d nodes: %v of all series moved off one, want about %v", count, r.left, ideal)
		}
	}
}

func TestSpreadCommand(t *testing.T) {
	f := func(code int, want string, args ...string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if got := run(t.Context(), args, &stdout, &stderr); got != code {
			t.Errorf("%q exits with %d, want %d", args, got, code)
		}
		if text := stdout.String() + stderr.String(); !strings.Contains(text, want) {
			t.Errorf("%q prints %q, want %q in it", args, text, want)
		}
	}
	f(0, "\n     3 |", "--series=1000", "--nodes=3,4")
	f(1, `unexpected argument "x"`, "x")
	f(1, "unknown flag", "--bad")
}

func TestSpreadOfLoads(t *testing.T) {
	f := func(least, most, deviation float64, loads ...float64) {
		t.Helper()
		if a, b, c := spread(loads); a != least || b != most || c != deviation {
			t.Errorf("spread(%v) = %v, %v, %v; want %v, %v, %v", loads, a, b, c, least, most, deviation)
		}
	}
	f(1, 1, 0, 5)
	f(1, 1, 0, 2, 2, 2, 2)
	f(0, 2, 1, 0, 10)
	f(0.5, 1.5, 0.5, 2, 6)
}

// Series have different IDs, the same in each run, whatever their number is.
func TestSpreadIDs(t *testing.T) {
	few, many := ids(1500), ids(3000)
	seen := make(map[uint64]bool)
	for i, id := range many {
		if i < len(few) && few[i] != id {
			t.Fatalf("series %d has the ID %v among few, %v among many", i, few[i], id)
		}
		if seen[uint64(id)] {
			t.Fatalf("series %d has the ID of another: %v", i, id)
		}
		seen[uint64(id)] = true
	}
}

// Zipf's law gives most samples to few series, so a node may have many times the mean of samples, but not of
// series.
func TestSpreadZipf(t *testing.T) {
	r := of(ids(20_000), 50)
	if r.mostZipf < 2 || r.most > 1.3 {
		t.Errorf("the busiest node has %v of the mean of samples, %v of series", r.mostZipf, r.most)
	}
}
