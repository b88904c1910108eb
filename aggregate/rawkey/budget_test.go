package rawkey_test

import (
	"math/rand/v2"
	"testing"

	"weir/aggregate/rawkey"
)

const mebibyte = 1 << 20

// Each shard has an equal part, whatever the others do.
func TestBudgetIsShared(t *testing.T) {
	b := rawkey.NewBudget()
	first, second := b.NewShare(), b.NewShare()
	f := func(s *rawkey.Share, mebibytes int, want bool) {
		t.Helper()
		if got := s.Note(mebibytes * mebibyte); got != want {
			t.Errorf("%d MiB, with %d MiB in all: full is %v, want %v", mebibytes, b.Bytes()/mebibyte, got, want)
		}
	}
	f(&first, 16, false)
	f(&first, 17, true)
	f(&second, 15, false)
	f(&first, 0, false)
	f(&second, 16, false)
	f(&second, 17, true) // though the other has none
	f(&second, 0, false)
	if got := b.Bytes(); got != 0 {
		t.Errorf("%d bytes without keys", got)
	}
}

// All shards together keep to the budget when they get keys in turns, and when each falls idle as it is full.
func TestBudgetHolds(t *testing.T) {
	const shards, step = 8, 64 << 10
	random := rand.New(rand.NewPCG(1, 2))
	b := rawkey.NewBudget()
	var shares [shards]rawkey.Share
	var have [shards]int
	for i := range shares {
		shares[i] = b.NewShare()
	}
	note := func(i int) {
		if shares[i].Note(have[i]) {
			have[i] = 0
			shares[i].Note(0)
		}
		if got := b.Bytes(); got > 32*mebibyte+step {
			t.Fatalf("the keys of all shards take %d KiB", got>>10)
		}
	}
	for range 200_000 {
		i := random.IntN(shards)
		have[i] += random.IntN(step)
		note(i)
	}
	for i := range shares {
		for have[i]+step <= 32*mebibyte/shards {
			have[i] += step
			note(i)
		}
	}
	if got := b.Bytes(); got < 31*mebibyte {
		t.Errorf("full shards keep %d MiB, want the budget to be used", got/mebibyte)
	}
}

// The keys of living series fit, however many there are, in each of several shards.
func TestBudgetGrowsWithSeries(t *testing.T) {
	const series, keyBytes = 1_000_000, 300
	b := rawkey.NewBudget()
	shares := [3]rawkey.Share{b.NewShare(), b.NewShare(), b.NewShare()}
	for n := 1; n <= series; n += 1000 {
		b.SetSeries(n)
		for i := range shares {
			if shares[i].Note(n * keyBytes) {
				t.Fatalf("shard %d must evict the keys of %d living series", i, n)
			}
		}
	}
	b.SetSeries(0)
	if !shares[0].Note(series * keyBytes) {
		t.Error("the keys of expired series are kept")
	}
}
