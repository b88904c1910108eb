package aggregate_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

// Sets are merged over the shards that saw their members: exactly when they are few, within 2 % beyond.
func TestSetCounts(t *testing.T) {
	for _, n := range []int{1000, 10_000} {
		r := newRegistry(nil)
		shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
		for i := range n {
			for repeat := range 1 + i%2 { // every other one comes to both shards
				shards[(i/2+repeat)%2].Record(&protocol.Sample{
					Name: []byte("s"), Kind: protocol.KindSet, Text: []byte(strconv.Itoa(i)), Rate: 1,
				})
			}
		}
		allowed := 0.0
		if n > 1024 {
			allowed = 0.02
		}
		if got := value(r, "s"); math.Abs(got-float64(n)) > allowed*float64(n) {
			t.Errorf("%v members, want %d within %v %%", got, n, 100*allowed)
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
