package distinct_test

import (
	"math"
	"testing"

	"github.com/cespare/xxhash/v2"
	"pgregory.net/rapid"

	"weir/aggregate/distinct"
)

// member returns the hash of a member with a number.
func member(i int) uint64 {
	return xxhash.Sum64([]byte{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24), byte(int64(i) >> 32)})
}

func count(now int64, w distinct.Window, sets ...*distinct.Set) float64 {
	var union distinct.Union
	for _, s := range sets {
		union.Add(s, now, w)
	}
	return union.Count()
}

// Unions are exact up to 1,024 members of each set, and within 2 % beyond.
func TestCount(t *testing.T) {
	for _, n := range []int{1, 1023, 1024, 1025, 2000, 10_000, 100_000} {
		for run := range 10 {
			var sets [2]distinct.Set
			for i := range n {
				for repeat := range 1 + i%2 { // every other one comes to both
					sets[(i/2+repeat)%2].Insert(member(run*1_000_000_000+i), 0, 60)
				}
			}
			allowed := 0.0
			if n > 1024 {
				allowed = 0.02
			}
			if got := count(0, 60, &sets[0], &sets[1]); math.Abs(got-float64(n)) > allowed*float64(n) {
				t.Errorf("run %d: %v members, want %d within %v %%", run, got, n, 100*allowed)
			}
		}
	}
}

// Exact sets do what a map of times does.
func TestSetEqualsMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := distinct.Window(rapid.IntRange(1, 30).Draw(t, "window"))
		var sets [2]distinct.Set
		seen := map[uint64]int64{}
		now := int64(1_800_000_000)
		for range rapid.IntRange(1, 200).Draw(t, "operations") {
			now += int64(rapid.IntRange(0, 5).Draw(t, "seconds"))
			x := uint64(rapid.IntRange(0, 20).Draw(t, "member"))
			sets[rapid.IntRange(0, 1).Draw(t, "set")].Insert(x, now, w)
			seen[x] = now
			want := 0
			for _, at := range seen {
				if now-at < int64(w) {
					want++
				}
			}
			if got := count(now, w, &sets[0], &sets[1]); got != float64(want) {
				t.Fatalf("%v members, want %d", got, want)
			}
		}
	})
}

// Members leave the window: at once when they are counted exactly, by quarters when they are estimated.
func TestWindow(t *testing.T) {
	const start, w = 1_800_000_000, distinct.Window(40)
	var few, many distinct.Set
	add := func(s *distinct.Set, second int64, from, to int) {
		for i := from; i < to; i++ {
			s.Insert(member(i), start+second, w)
		}
	}
	at := func(second int64, wantFew, wantMany float64) {
		t.Helper()
		if got := count(start+second, w, &few); got != wantFew {
			t.Errorf("after %d s: few = %v, want %v", second, got, wantFew)
		}
		if got := count(start+second, w, &many); math.Abs(got-wantMany) > 0.02*wantMany {
			t.Errorf("after %d s: many = %v, want %v within 2 %%", second, got, wantMany)
		}
	}
	add(&few, 0, 0, 10)
	add(&many, 0, 0, 4000)
	at(20, 10, 4000)
	add(&few, 20, 5, 15)
	add(&many, 20, 2000, 8000)
	at(39, 15, 8000)
	at(40, 10, 6000)
	at(59, 10, 6000)
	at(60, 0, 0)
	add(&many, 60, 0, 3)
	at(100, 0, 0)
	add(&few, 100, 0, 1)
	add(&many, 100, 0, 3)
	at(101, 1, 3) // exact again
}

// A clock that goes back does no harm.
func TestClockGoesBack(t *testing.T) {
	var s distinct.Set
	s.Insert(1, 100, 10)
	s.Insert(2, 93, 10)
	if got := count(95, 10, &s); got != 2 {
		t.Errorf("%v members, want 2", got)
	}
}

// What is saved is what the sets have, together, and a restored set counts on.
func TestRestore(t *testing.T) {
	for _, n := range []int{0, 10, 1000, 5000} {
		const now, w = 1_800_000_000, distinct.Window(60)
		var sets [2]distinct.Set
		for i := range n {
			sets[i%2].Insert(member(i), now+int64(i%3), w)
		}
		var restored distinct.Set
		if err := restored.Restore(distinct.Save([]*distinct.Set{&sets[0], &sets[1]}, now+2, w), w); err != nil {
			t.Fatal(err)
		}
		if got, want := count(now+2, w, &restored), count(now+2, w, &sets[0], &sets[1]); got != want {
			t.Errorf("%d members: restored %v, want %v", n, got, want)
		}
		if n == 5000 {
			restored.Insert(member(n), now+3, w)
			if got := count(now+3, w, &restored); got < 0.98*5001 || got > 1.02*5001 {
				t.Errorf("%v members with one more, want about 5001", got)
			}
		}
		if n == 10 {
			restored.Insert(member(n), now+61, w)
			if got := count(now+61, w, &restored); got != 1+3 { // 2, 5 and 8 were seen in the last second
				t.Errorf("%v members later, want 4", got)
			}
		}
	}
}

// A restored set forgets by the window of now, also when it was saved with another one.
func TestRestoreUnderAnotherWindow(t *testing.T) {
	const now = 1_800_000_000
	var s distinct.Set
	for i := range 4000 { // over 40 s
		s.Insert(member(i), now+int64(i/100), 60)
	}
	for w, want := range map[distinct.Window][2]float64{8: {1000, 0}, 60: {4000, 0}, 36_000: {4000, 4000}} {
		var restored distinct.Set
		if err := restored.Restore(distinct.Save([]*distinct.Set{&s}, now+39, 60), w); err != nil {
			t.Fatal(err)
		}
		for i, second := range []int64{41, 1800} {
			if got := count(now+second, w, &restored); got > 1.02*want[i] || got < 0.98*want[i] {
				t.Errorf("window %v, after %d s: %v members, want about %v", w, second, got, want[i])
			}
		}
	}
}

func TestRestoreRefusesDamage(t *testing.T) {
	var s distinct.Set
	if err := s.Restore(distinct.State{Slices: []distinct.Slice{{Sketch: []byte("no sketch")}}}, 60); err == nil {
		t.Error("no error, want that it is no sketch")
	}
}
