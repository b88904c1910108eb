package growth_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"weir/aggregate/growth"
	"weir/aggregate/label"
)

func Example() {
	var labels growth.Labels
	for i := range 30 {
		labels.Note(label.Of(fmt.Sprintf(`method="GET",user="u%d"`, i)), 1000)
	}
	user, _ := labels.Of("user", 1001)
	fmt.Println(user.Newest[:3], len(user.Newest))
	method, _ := labels.Of("method", 1001)
	fmt.Println(method.Values, method.PerMinute, method.Newest)
	// Output:
	// [u29 u28 u27] 20
	// 1 1 [GET]
}

// While additions are steady, the rate is the number of additions in a minute. A minute after the last
// addition, the rate is 0.
func TestRate(t *testing.T) {
	var r growth.Rate
	const start = 29_000_000 * 60
	if got := r.PerMinute(start); got != 0 {
		t.Errorf("nothing was added: %d", got)
	}
	for second := range uint32(600) {
		for range 3 {
			r.Add(start + second)
		}
		if got, want := r.PerMinute(start+second+1), 180; second > 60 && math.Abs(float64(got-want)) > 3 {
			t.Fatalf("after %d s: %d a minute, want %d", second, got, want)
		}
	}
	for after, want := range map[uint32]int{0: 180, 30: 90, 59: 3, 60: 0, 61: 0, 6000: 0} {
		if got := r.PerMinute(start + 600 + after); math.Abs(float64(got-want)) > 3 {
			t.Errorf("%d s after the last: %d a minute, want %d", after, got, want)
		}
	}
}

// Any number in a minute, by any number of goroutines, is counted, or saturates.
func TestRateSaturates(t *testing.T) {
	var r growth.Rate
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for range 1 << 18 {
				r.Add(600)
			}
		})
	}
	done.Wait()
	if got := r.PerMinute(659); got != 1<<19-1 {
		t.Errorf("a million in a minute are %d", got)
	}
	r.Add(540) // the clock went back
	r.Add(661)
	if got := r.PerMinute(719); got > 1<<19/60+1 || got < 1 {
		t.Errorf("a minute later: %d", got)
	}
}

// The number of values is right within a few percent, and a value that comes again does not count again. The
// rate counts only new values.
func TestValuesAreCounted(t *testing.T) {
	for _, n := range []int{1, 2, 10, 100, 1000, 50_000} {
		var l growth.Labels
		for again := range 3 {
			for i := range n {
				l.Note(label.Of(fmt.Sprintf(`v="%d"`, i)), 6000+uint32(again)*300)
			}
		}
		x, found := l.Of("v", 6001)
		if !found || x.Since != 6000 || math.Abs(float64(x.Values-n)) > 1+0.12*float64(n) {
			t.Errorf("%d values: %+v", n, x)
		}
		if x, _ = l.Of("v", 6600); x.PerMinute != 0 {
			t.Errorf("no value of %d is new: %d a minute", n, x.PerMinute)
		}
	}
	var l growth.Labels
	if _, found := l.Of("v", 1); found {
		t.Error("a label that was never noted is found")
	}
	for i := range 6000 {
		l.Note(label.Of(fmt.Sprintf(`host="h%d",user="%d"`, i%4, i)), 6000+uint32(i/10))
	}
	user, _ := l.Of("user", 6600)
	host, _ := l.Of("host", 6600)
	if math.Abs(float64(user.PerMinute-600)) > 200 || host.PerMinute != 0 || host.Values != 4 {
		t.Errorf("ten new users a second: %d a minute; %d hosts, %d of them new in a minute",
			user.PerMinute, host.Values, host.PerMinute)
	}
}

// Up to 20 values are counted exactly, whatever their hashes are: an estimate alone would miss one now and then.
func TestFewValuesAreExact(t *testing.T) {
	for range 200 { // each time with other hashes
		var l growth.Labels
		for i := range 20 {
			l.Note(label.Of(fmt.Sprintf(`v="%d"`, i)), 6000)
			if x, _ := l.Of("v", 6000); x.Values != i+1 || len(x.Newest) != i+1 {
				t.Fatalf("%d values: %d, the newest %q", i+1, x.Values, x.Newest)
			}
		}
	}
}

// The newest values are the last distinct values, the newest first.
func TestNewest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var l growth.Labels
	var want []string
	for i := range 2000 {
		value := fmt.Sprintf("a \\ \" \n %d", random.IntN(10+i/10))
		text := label.Append(nil, []byte("v"), label.AppendEscaped(nil, value))
		l.Note(label.Of(string(text)), 60)
		if !slices.Contains(want[:min(20, len(want))], value) {
			want = slices.Insert(want, 0, value)[:min(20, len(want)+1)]
		}
		if got, _ := l.Of("v", 60); !slices.Equal(got.Newest, want) {
			t.Fatalf("after %q: %q, want %q", value, got.Newest, want)
		}
	}
}

// When there are too many labels, the one with the fewest values is dropped, of several the oldest.
func TestDrop(t *testing.T) {
	var l growth.Labels
	for i := range 100 {
		l.Note(label.Of(fmt.Sprintf(`old="%d"`, i)), 1)
	}
	for i := range 300 {
		l.Note(label.Of(fmt.Sprintf(`n%d="x"`, i)), uint32(60+i))
	}
	for name, want := range map[string]bool{"old": true, "n299": true, "n173": true, "n172": false, "n0": false} {
		if _, found := l.Of(name, 400); found != want {
			t.Errorf("the label %s is watched: %t", name, found)
		}
	}
}

// Names are watched up to 256 bytes, and their memory is counted; that of a dropped one is given back.
func TestBytesOfNames(t *testing.T) {
	bytesWith := func(length int) int {
		var l growth.Labels
		name := strings.Repeat("n", length)
		l.Note(label.Of(name+`="x"`), 1)
		if _, found := l.Of(name, 1); found != (length <= 256) {
			t.Errorf("a name of %d bytes is watched: %t", length, found)
		}
		return l.Bytes()
	}
	if one, most := bytesWith(1), bytesWith(256); one == 0 || most != one+255 || bytesWith(257) != 0 {
		t.Errorf("a name of 1 byte takes %d, of 256 bytes %d", one, most)
	}
	var l growth.Labels
	full := 0
	for i := range 1000 {
		l.Note(label.Of(fmt.Sprintf(`n%03d="xx"`, i)), uint32(i))
		if i == 127 {
			full = l.Bytes()
		}
	}
	if got := l.Bytes(); got != full || full == 0 {
		t.Errorf("%d bytes after 1,000 labels, %d with the first that fit", got, full)
	}
}

// Whatever the names and values, the memory is bounded, and a label that grows is not dropped.
func TestLabelsAreBounded(t *testing.T) {
	var l growth.Labels
	long := strings.Repeat("ü", 4000)
	for i := range 3000 {
		l.Note(label.Of(fmt.Sprintf(`n%d="%d%s",user="u%d"`, i, i, long, i)), uint32(60+i))
		l.Note(label.Of(fmt.Sprintf(`%s="x"`, strings.Repeat("n", 300+i))), 60)
	}
	if got := l.Bytes(); got > 1<<20 || got < 500_000 {
		t.Errorf("%d bytes", got)
	}
	if x, found := l.Of("user", 3000); !found || x.Values < 2500 || x.Newest[0] != "u2999" {
		t.Errorf("the label that grows: %+v, %v", x, found)
	}
	x, found := l.Of("n2999", 3000)
	if !found || len(x.Newest) != 1 || len(x.Newest[0]) > 128 || len(x.Newest[0]) < 120 ||
		!utf8.ValidString(x.Newest[0]) {
		t.Errorf("a long value: %+v, %v", x, found)
	}
	if _, found := l.Of("n1", 3000); found {
		t.Error("a label with one value is still there after 3000 others")
	}
	if _, found := l.Of(strings.Repeat("n", 300), 3000); found {
		t.Error("a label with a long name is watched")
	}
}

// TestRateEqualsModel holds a rate between what a list of all seconds says of the whole minutes around it.
func TestRateEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r growth.Rate
		second := rapid.Uint32Range(0, 1<<31).Draw(t, "start")
		var seconds []uint32
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			second += uint32(rapid.SampledFrom([]int{0, 0, 1, 20, 61, 200}).Draw(t, "pass"))
			for range rapid.IntRange(0, 5).Draw(t, "n") {
				r.Add(second)
				seconds = append(seconds, second)
			}
			most, least := 0, 0
			for _, s := range seconds {
				if s/60 == second/60 {
					least++
				}
				if s/60+1 >= second/60 {
					most++
				}
			}
			if got := r.PerMinute(second); got < least || got > most {
				t.Fatalf("%d a minute at %d, want %d to %d", got, second, least, most)
			}
		}
	})
}

// Shards note beside readers.
func TestLabelsBesideReaders(t *testing.T) {
	var l growth.Labels
	var done sync.WaitGroup
	for shard := range 2 {
		done.Go(func() {
			for i := range 2000 {
				l.Note(label.Of(fmt.Sprintf(`a="%d",shard="%d"`, i, shard)), 60)
			}
		})
		done.Go(func() {
			for range 500 {
				l.Of("a", 60)
				l.Bytes()
			}
		})
	}
	done.Wait()
	a, _ := l.Of("a", 60)
	shard, _ := l.Of("shard", 60)
	if math.Abs(float64(a.Values-2000)) > 250 || len(a.Newest) != 20 || shard.Values != 2 || len(shard.Newest) != 2 {
		t.Errorf("%d values, %q; %+v", a.Values, a.Newest, shard)
	}
}
