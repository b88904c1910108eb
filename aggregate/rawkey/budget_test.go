package rawkey_test

import (
	"math/rand/v2"
	"testing"

	"weir/aggregate/rawkey"
)

const mebibyte = 1 << 20

// One shard alone may use the whole budget; several share it.
func TestBudgetIsShared(t *testing.T) {
	b := rawkey.NewBudget()
	first, second := b.NewShare(), b.NewShare()
	f := func(s *rawkey.Share, mebibytes int, want bool) {
		t.Helper()
		if got := s.Note(mebibytes * mebibyte); got != want {
			t.Errorf("%d MiB, with %d MiB in all: full is %v, want %v", mebibytes, b.Bytes()/mebibyte, got, want)
		}
	}
	f(&first, 32, false)
	f(&first, 33, true)
	f(&first, 30, false)
	f(&second, 2, false)
	f(&second, 3, false) // the other has more than its part
	f(&first, 30, true)
	f(&first, 0, false)
	f(&second, 32, false) // alone again
	f(&second, 33, true)
	f(&second, 0, false)
	if got := b.Bytes(); got != 0 {
		t.Errorf("%d bytes without keys", got)
	}
}

// However the keys are spread over shards, all together take no more than the budget and a little.
func TestBudgetHolds(t *testing.T) {
	const shards = 8
	random := rand.New(rand.NewPCG(1, 2))
	b := rawkey.NewBudget()
	var shares [shards]rawkey.Share
	var have [shards]int
	for i := range shares {
		shares[i] = b.NewShare()
	}
	for range 200_000 {
		i := random.IntN(shards)
		have[i] += random.IntN(64 << 10)
		if shares[i].Note(have[i]) {
			have[i] = 0
			shares[i].Note(0)
		}
		if got := b.Bytes(); got > 33*mebibyte+shards*64<<10 {
			t.Fatalf("the keys of all shards take %d MiB", got/mebibyte)
		}
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
