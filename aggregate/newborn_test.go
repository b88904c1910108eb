package aggregate_test

import (
	"testing"
	"testing/synctest"
	"time"

	"weir/aggregate"
)

// A new counter is 0 until it was in a scrape and the hold has passed; then it has its value, and it goes on.
func TestCounterBirthZero(t *testing.T) {
	for _, observer := range []string{"histogram", "native", "summary"} {
		synctest.Test(t, func(t *testing.T) {
			r := running(t, func(o *aggregate.Options) {
				o.Series.CounterBirth, o.Series.Hold = aggregate.BirthZero, 5*time.Second
				o.Timers.Observer = observer
			})
			shard := r.NewShard()
			check := func(what string, want float64) {
				t.Helper()
				if c, h := value(r, "c"), value(r, "h"); c != want || h != want {
					t.Errorf("%s: c = %v, h = %v, want %v", what, c, h, want)
				}
			}
			line(t, shard, "c:3|c\nh:1:1:1|h\ng:3|g\ns:x|s")
			if g, s := value(r, "g"), value(r, "s"); g != 3 || s != 1 {
				t.Errorf("g = %v, s = %v, want 3, 1: they do not accumulate", g, s)
			}
			pass(20 * time.Second)
			check("first scrape, long after the hold", 0)
			check("second scrape", 3)
			line(t, shard, "c:1|c\nh:1|h")
			check("a known series", 4)

			line(t, shard, "c:1|c|#new\nh:1|h|#new")
			for range 4 {
				if got := value(r, `c{new="true"}`); got != 0 {
					t.Errorf("scraped within the hold: %v, want 0", got)
				}
				value(r, `h{new="true"}`)
				pass(time.Second)
			}
			pass(time.Second)
			if c, h := value(r, `c{new="true"}`), value(r, `h{new="true"}`); c != 1 || h != 1 {
				t.Errorf("after the hold: c = %v, h = %v, want 1", c, h)
			}
		})
	}
}

func TestCounterBirthValue(t *testing.T) {
	r := newRegistry(nil)
	line(t, r.NewShard(), "c:3|c")
	if got := value(r, "c"); got != 3 {
		t.Errorf("c = %v, want 3", got)
	}
}

// What a newborn histogram shows is whole: no bucket, no sum.
func TestNewbornHistogramIsEmpty(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Series.CounterBirth, o.Timers.Observer = aggregate.BirthZero, aggregate.ObserverBoth
	})
	line(t, r.NewShard(), "h:1:2:3|h")
	f := r.Snapshot().Families[0]
	var o aggregate.Observations
	f.Series[0].Observe(&o)
	n, _ := o.Native(f.Family)
	for _, bucket := range o.Buckets {
		if bucket != 0 {
			t.Errorf("buckets %v, want none", o.Buckets)
		}
	}
	if o.Count != 0 || o.Sum != 0 || n.Count != 0 || len(o.Buckets) != len(f.Bounds())+1 {
		t.Errorf("count %d, sum %v, native %+v, want nothing", o.Count, o.Sum, n)
	}
}
