package aggregate_test

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/aggregate"
)

// scraped is value as scrapes see it.
func scraped(r *aggregate.Registry, series string) float64 {
	name, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
	for _, f := range r.Snapshot().Families {
		for i, s := range f.Series {
			if f.Name() != name || s.Labels().Text() != labels {
				continue
			}
			values := aggregate.Values{CreatedAsZero: true}
			values.Read(f.Family, f.Series)
			words := values.Of(i)
			if f.Type() == aggregate.TypeHistogram {
				return float64(words[1+len(f.Bounds())])
			}
			if f.Type() == aggregate.TypeSummary {
				return float64(words[1])
			}
			return words.Float()
		}
	}
	return math.NaN()
}

// A new counter is 0 until a scrape was served and the hold has passed; then it has its value, and it goes
// on. Reading alone shows the same as often as it is done.
func TestCounterBirthZero(t *testing.T) {
	for _, observer := range []string{"histogram", "native", "summary"} {
		synctest.Test(t, func(t *testing.T) {
			r := running(t, func(o *aggregate.Options) {
				o.Series.CounterBirth, o.Series.Hold = aggregate.BirthZero, 5*time.Second
				o.Timers.Observer = observer
			})
			shard := r.NewShard()
			check := func(what, labels string, want float64) {
				t.Helper()
				for range 2 {
					if c, h := scraped(r, "c"+labels), scraped(r, "h"+labels); c != want || h != want {
						t.Errorf("%s: c = %v, h = %v, want %v", what, c, h, want)
					}
				}
			}
			line(t, shard, "c:3|c\nh:1:1:1|h\ng:3|g\ns:x|s")
			if g, s := scraped(r, "g"), scraped(r, "s"); g != 3 || s != 1 {
				t.Errorf("g = %v, s = %v, want 3, 1: they do not accumulate", g, s)
			}
			pass(20 * time.Second)
			check("read, never served", "", 0)
			r.Snapshot().Served()
			check("served, long after the hold", "", 3)
			line(t, shard, "c:1|c\nh:1|h")
			check("a known series", "", 4)

			line(t, shard, "c:1|c|#new\nh:1|h|#new")
			for range 4 {
				r.Snapshot().Served()
				check("served within the hold", `{new="true"}`, 0)
				pass(time.Second)
			}
			pass(time.Second)
			check("after the hold", `{new="true"}`, 1)
		})
	}
}

// A scrape ends the beginning of the series that were in it: not of families it did not ask for, and not of
// series that were created after its snapshot.
func TestServedIsWhatTheScrapeHad(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Series.CounterBirth, o.Series.Hold = aggregate.BirthZero, 0 })
	shard := r.NewShard()
	line(t, shard, "a:1|c\nb:2|c")
	snapshot := r.Snapshot()
	line(t, shard, "a:3|c|#late")
	check := func(a, b, late float64) {
		t.Helper()
		if gotA, gotB, gotLate := scraped(r, "a"), scraped(r, "b"), scraped(r, `a{late="true"}`); gotA != a ||
			gotB != b || gotLate != late {
			t.Errorf("a = %v, b = %v, late = %v, want %v, %v, %v", gotA, gotB, gotLate, a, b, late)
		}
	}
	check(0, 0, 0)
	snapshot.Select(func(f *aggregate.FamilySeries) bool { return f.Name() == "a" }).Served()
	check(1, 0, 0)
	snapshot.Served()
	check(1, 2, 0)
	r.Snapshot().Served()
	check(1, 2, 3)
}

func TestCounterBirthValue(t *testing.T) {
	r := newRegistry(nil)
	line(t, r.NewShard(), "c:3|c")
	if got := scraped(r, "c"); got != 3 {
		t.Errorf("c = %v, want 3", got)
	}
}

// A histogram that shows 0 is empty throughout: no bucket, no sum.
func TestHistogramCreatedAsZeroIsEmpty(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Series.CounterBirth, o.Timers.Observer = aggregate.BirthZero, aggregate.ObserverBoth
	})
	line(t, r.NewShard(), "h:1:2:3|h")
	f := r.Snapshot().Families[0]
	values := aggregate.Values{Native: true, CreatedAsZero: true}
	values.Read(f.Family, f.Series)
	words := values.Words()
	sum, buckets := words.Float(), words.Take(len(f.Bounds())+1)
	words.Take(2) // schema and zero threshold
	for i, n := range append(buckets, words...) {
		if n != 0 || sum != 0 {
			t.Errorf("sum %v, word %d is %d, want nothing", sum, i, n)
		}
	}
	if len(words) != 4 {
		t.Errorf("native buckets %v, want the zero count, the count and no buckets", words)
	}
}
