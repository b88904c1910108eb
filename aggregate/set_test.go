package aggregate_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

// Sets are exact up to 1,024 members and within 2 % beyond, merged over the shards that saw them.
func TestSetCounts(t *testing.T) {
	for _, n := range []int{1, 1023, 1024, 1025, 2000, 10_000, 100_000} {
		for run := range 10 {
			r := newRegistry(nil)
			shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
			for i := range n {
				member := []byte(strconv.Itoa(run*1_000_000_000 + i))
				for repeat := range 1 + i%2 { // every other one comes to both shards
					shards[(i/2+repeat)%2].Record(&protocol.Sample{
						Name: []byte("s"), Kind: protocol.KindSet, Text: member, Rate: 1,
					})
				}
			}
			allowed := 0.0
			if n > 1024 {
				allowed = 0.02
			}
			if got := value(r, "s"); math.Abs(got-float64(n)) > allowed*float64(n) {
				t.Errorf("run %d: %v members, want %d within %v %%", run, got, n, 100*allowed)
			}
		}
	}
}

// Members leave the window a while after they were last seen, each by itself.
func TestSetWindow(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Sets.Window = 10 * time.Second })
	start := time.Unix(1_700_000_000, 0)
	shard := r.NewShard()
	at := func(seconds int, lines string, want float64) {
		t.Helper()
		r.Tick(start.Add(time.Duration(seconds) * time.Second))
		line(t, shard, lines)
		if got := value(r, "users"); got != want {
			t.Errorf("after %d s: %v members, want %v", seconds, got, want)
		}
	}
	at(0, "users:a|s\nusers:b|s", 2)
	at(5, "users:b|s\nusers:c|s", 3)
	at(9, "", 3)
	at(10, "", 2)
	at(14, "", 2)
	at(15, "", 0)
	at(16, "users:d|s", 1)
	at(3, "users:e|s", 2) // a clock that jumps back does no harm
}

// Members leave the window: at once when they are counted exactly, by quarters when they are estimated.
func TestEstimatedSetWindow(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Sets.Window = 40 * time.Second })
	shard := r.NewShard()
	start := time.Unix(1_800_000_000, 0)
	add := func(name string, from, to int) {
		for i := from; i < to; i++ {
			shard.Record(&protocol.Sample{
				Name: []byte(name), Kind: protocol.KindSet, Text: []byte(strconv.Itoa(i)), Rate: 1,
			})
		}
	}
	at := func(second int, few, many float64) {
		t.Helper()
		r.Tick(start.Add(time.Duration(second) * time.Second))
		if got := value(r, "few"); got != few {
			t.Errorf("after %d s: few = %v, want %v", second, got, few)
		}
		if got := value(r, "many"); math.Abs(got-many) > 0.02*many {
			t.Errorf("after %d s: many = %v, want %v within 2 %%", second, got, many)
		}
	}
	r.Tick(start)
	add("few", 0, 10)
	add("many", 0, 4000)
	at(20, 10, 4000)
	add("few", 5, 15)
	add("many", 2000, 8000)
	at(39, 15, 8000)
	at(40, 10, 6000)
	at(59, 10, 6000)
	at(60, 0, 0)
	add("many", 0, 3)
	at(100, 0, 0)
	add("few", 0, 1)
	add("many", 0, 3)
	at(101, 1, 3) // exact again
}
