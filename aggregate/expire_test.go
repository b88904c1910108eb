package aggregate_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/protocol"
)

// running lets a registry tick and sweep once a second, as weir does, until the test ends. It must be called
// in a synctest bubble.
func running(t *testing.T, change func(*aggregate.Options)) *aggregate.Registry {
	t.Helper()
	r := newRegistry(change)
	stop := make(chan struct{})
	var parts sync.WaitGroup
	for _, step := range []func(time.Time){r.Tick, func(time.Time) { r.Sweep() }} {
		parts.Go(func() { // ends with the test
			ticker := time.NewTicker(time.Second)
			defer ticker.Stop()
			for {
				select {
				case <-stop:
					return
				case now := <-ticker.C:
					step(now)
				}
			}
		})
	}
	t.Cleanup(func() {
		close(stop)
		parts.Wait()
	})
	return r
}

// pass lets time pass, and the sweeps of that time come to their end.
func pass(d time.Duration) {
	time.Sleep(d) // the bubble's clock
	synctest.Wait()
}

func withTTL(ttl time.Duration) func(*aggregate.Options) {
	return func(o *aggregate.Options) { o.Series.TTL = ttl }
}

// One line of each kind, and the series it makes.
var eachKind = map[string]string{
	"c:1|c": "c", "g:1|g": "g", "h:1|h": "h", "s:x|s": "s", "m:1|m": "m", "t:1|ms|#a:b": `t{a="b"}`,
}

func TestSeriesExpire(t *testing.T) {
	for _, observer := range []string{"histogram", "native", "both", "summary"} {
		synctest.Test(t, func(t *testing.T) {
			r := running(t, func(o *aggregate.Options) {
				o.Series.TTL, o.Timers.Observer = 10*time.Second, observer
			})
			shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
			record := func() {
				for sent := range eachKind {
					line(t, shards[0], sent)
					line(t, shards[1], sent)
				}
			}
			record()
			pass(8 * time.Second)
			if got := r.Stats().Series; got != len(eachKind) {
				t.Errorf("after 8 s: %d series, want %d", got, len(eachKind))
			}
			line(t, shards[1], "c:1|c\nh:1|h") // of two cells one stays in use
			pass(5 * time.Second)
			stats := r.Stats()
			if stats.Series != 2 || stats.Families != 2 || stats.SeriesExpired != uint64(len(eachKind)-2) {
				t.Errorf("after 13 s: %+v, want 2 series of 2 families", stats)
			}
			if c, h := value(r, "c"), value(r, "h"); c != 3 || h != 3 {
				t.Errorf("those in use: c = %v, h = %v, want 3", c, h)
			}
			pass(20 * time.Second)
			if n, got := len(r.Snapshot().Families), r.Stats().Series; n != 0 || got != 0 {
				t.Errorf("at the end: %d families, %d series, want none", n, got)
			}
			record() // all keys are known to the shards, and their cells are dead
			for sent, series := range eachKind {
				want := 2.0
				if series == "g" || series == "s" {
					want = 1
				}
				if got := value(r, series); got != want {
					t.Errorf("%q came back as %v, want %v", sent, got, want)
				}
			}
		})
	}
}

func TestExpiredSeriesIsCreatedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := running(t, withTTL(5*time.Second))
		shard := r.NewShard()
		line(t, shard, "x:7|c\nlevel:7|g")
		first := r.Snapshot().Families[1].Series[0].Created()
		if since := time.Since(first); since < 0 || since > time.Second {
			t.Errorf("created %v ago, want within a second", since)
		}
		pass(30 * time.Second)
		line(t, shard, "x:1|c\nlevel:+1|g")
		if x, level := value(r, "x"), value(r, "level"); x != 1 || level != 1 {
			t.Errorf("x = %v, level = %v, want 1: they began again", x, level)
		}
		if second := r.Snapshot().Families[1].Series[0].Created(); second.Sub(first) < 29*time.Second {
			t.Errorf("created %v, then %v, want about 30 s later", first, second)
		}
	})
}

// The last series of a family takes the name and the type with it.
func TestExpiryFreesNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := running(t, withTTL(5*time.Second))
		shard := r.NewShard()
		line(t, shard, "x:1|c|#a:1\nx:1|c|#a:2\ny:1|h")
		for _, refused := range []string{"x:1|g", "y_sum:1|c"} {
			if got := line(t, shard, refused); got != "type_conflict" {
				t.Errorf("%q: %q, want type_conflict", refused, got)
			}
		}
		pass(3 * time.Second)
		line(t, shard, "x:1|c|#a:2")
		pass(3 * time.Second)
		if got := line(t, shard, "x:1|g"); got != "type_conflict" {
			t.Errorf("while one of the series lives: %q, want type_conflict", got)
		}
		pass(10 * time.Second)
		if got := line(t, shard, "x:1|g\ny_sum:1|c"); got != " " {
			t.Errorf("when all have expired: %q, want them recorded", got)
		}
	})
}

func TestNoTTLNoExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := running(t, nil)
		line(t, r.NewShard(), "x:1|c")
		pass(2 * time.Hour)
		if got := value(r, "x"); got != 1 {
			t.Errorf("x = %v, want 1", got)
		}
	})
}

// A wall clock that jumps expires nothing that is in use, and does not keep what is not.
func TestClockJumps(t *testing.T) {
	r := newRegistry(withTTL(10 * time.Second))
	shard := r.NewShard()
	now := time.Unix(1_800_000_000, 0)
	step := func(d time.Duration) {
		now = now.Add(d)
		r.Tick(now)
		r.Sweep()
	}
	step(0)
	line(t, shard, "x:1|c")
	step(-1000 * time.Hour)
	line(t, shard, "x:1|c")
	for range 5 {
		step(time.Second)
	}
	if got := value(r, "x"); got != 2 {
		t.Errorf("after the clock was set back: x = %v, want 2", got)
	}
	for range 6 {
		step(time.Second)
	}
	if got := r.Stats().Series; got != 0 {
		t.Errorf("%d series after 11 s without a sample, want none", got)
	}
	if got := r.Now(); got != now.Unix() {
		t.Errorf("Now() = %d, want the wall clock's %d", got, now.Unix())
	}
}

// Room comes back when series expire, for refused keys as for folded ones.
func TestExpiryMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := running(t, func(o *aggregate.Options) { o.Series.TTL = 5 * time.Second; o.Limits.MaxTotalSeries = 2 })
		shard := r.NewShard()
		line(t, shard, "a:1|c\nb:1|c")
		if got := line(t, shard, "c:1|c\nc:1|c"); got != "max_total_series max_total_series" {
			t.Errorf("beyond the limit: %q", got)
		}
		pass(3 * time.Second)
		line(t, shard, "a:1|c")
		pass(3 * time.Second)
		if got := line(t, shard, "c:1|c\nd:1|c\na:1|c"); got != " max_total_series " {
			t.Errorf("with room for one: %q", got)
		}
	})
}

// TestExpiryBesideWriters is for the race detector, and holds that what is recorded after an expiry counts:
// two writers and a sweeper share series that expire all the time.
func TestExpiryBesideWriters(t *testing.T) {
	r := newRegistry(withTTL(time.Second))
	start := time.Unix(1_800_000_000, 0)
	stop := make(chan struct{})
	var writing, sweeping sync.WaitGroup
	sweeping.Go(func() { // ends with stop
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				r.Tick(start.Add(time.Duration(i) * time.Second))
				r.Sweep()
				readAll(t, r)
			}
		}
	})
	for range 2 {
		shard := r.NewShard()
		writing.Go(func() {
			for i := range 20_000 {
				for _, k := range []protocol.Kind{
					protocol.KindCounter, protocol.KindGauge, protocol.KindTimer, protocol.KindSet,
				} {
					s := protocol.Sample{
						Name: fmt.Append(nil, "n", k, i%3), Value: 1, Rate: 1, Kind: k, Text: []byte("x"),
					}
					if reason := shard.Record(&s); reason != protocol.ReasonNone {
						t.Errorf("record: %v", reason)
					}
				}
			}
		})
	}
	writing.Wait()
	close(stop)
	sweeping.Wait()
	r.Tick(start.Add(1000 * time.Hour))
	r.Sweep()
	if got := r.Stats(); got.Series != 0 || got.Families != 0 {
		t.Errorf("in the end %+v, want no series", got)
	}
}

// TestExpiryEqualsModel holds the registry, with steps of time and random shards, equal to a map in which a
// series is forgotten when it was idle for the TTL.
func TestExpiryEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const ttl = 10
		r := newRegistry(withTTL(ttl * time.Second))
		shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
		start, now := time.Unix(1_800_000_000, 0), 0
		r.Tick(start)
		type entry struct {
			value float64
			seen  int
		}
		model := map[string]*entry{}
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "step") == 0 {
				now += rapid.IntRange(0, 6).Draw(t, "seconds")
				r.Tick(start.Add(time.Duration(now) * time.Second))
				r.Sweep()
				for name, e := range model {
					if now-e.seen >= ttl {
						delete(model, name)
					}
				}
			}
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
			shards[rapid.IntRange(0, len(shards)-1).Draw(t, "shard")].Record(&protocol.Sample{Name: []byte(name), Value: 1, Rate: 1})
			if model[name] == nil {
				model[name] = &entry{}
			}
			model[name].value++
			model[name].seen = now
			if got := r.Stats().Series; got != len(model) {
				t.Fatalf("%d series, want %d", got, len(model))
			}
			for name, e := range model {
				if got := value(r, name); got != e.value {
					t.Fatalf("%s = %v, want %v", name, got, e.value)
				}
			}
		}
	})
}
