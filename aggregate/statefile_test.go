package aggregate_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

// stateTest is a state file, and registries whose clocks all stand at the same second.
type stateTest struct {
	aggregate.StateFile

	now time.Time
}

func newStateTest(t *testing.T) *stateTest {
	t.Helper()
	return &stateTest{aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}, time.Now().Add(time.Hour)}
}

func (s *stateTest) registry(change func(*aggregate.Options)) *aggregate.Registry {
	o := aggregate.DefaultOptions()
	change(&o)
	r := aggregate.New(o)
	r.Tick(s.now)
	return r
}

func usual(*aggregate.Options) {}

// record records every line in a shard of its own and returns how many samples were not recorded.
func record(t *testing.T, r *aggregate.Registry, lines ...string) (refused int) {
	t.Helper()
	for _, line := range lines {
		shard := r.NewShard()
		decoder := protocol.Decoder{MaxLine: 1 << 10}
		decoder.Reset([]byte(line))
		for decoder.Next() {
			for {
				sample, err := decoder.Sample()
				if err != nil {
					t.Fatal(err)
				}
				if sample == nil {
					break
				}
				if shard.Record(sample) != protocol.ReasonNone {
					refused++
				}
			}
		}
	}
	return refused
}

func (s *stateTest) mustSave(t *testing.T, r *aggregate.Registry) (content []byte) {
	t.Helper()
	size, err := s.Save(r)
	if err != nil {
		t.Fatal(err)
	}
	content, err = os.ReadFile(s.Path)
	if err != nil || int64(len(content)) != size {
		t.Fatalf("%d bytes saved, %d read, %v", size, len(content), err)
	}
	return content
}

func (s *stateTest) mustLoad(t *testing.T, r *aggregate.Registry, want aggregate.Restored) {
	t.Helper()
	if got, err := s.Load(r); err != nil || got != want {
		t.Fatalf("Load() = %+v, %v, want %+v", got, err, want)
	}
}

var stateLines = []string{
	"hits:3|c|#path:/a\nhits:0.1|c", "hits:0.2|c\ndepth:-7|g", "time:1:20:300|ms\nusers:alice|s", "time:-4|ms\ntime:0|ms",
	"_sc|redis|2",
}

// What is restored and saved again is the same to the last bit.
func TestStateIsKept(t *testing.T) {
	for _, observer := range []string{
		aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
	} {
		for _, birth := range []string{aggregate.BirthValue, aggregate.BirthZero} {
			t.Run(observer+" "+birth, func(t *testing.T) {
				s := newStateTest(t)
				change := func(o *aggregate.Options) {
					o.Timers.Observer, o.Series.CounterBirth, o.Series.TTL = observer, birth, time.Hour
				}
				first := s.registry(change)
				record(t, first, stateLines...)
				want := s.mustSave(t, first)
				second := s.registry(change)
				s.mustLoad(t, second, aggregate.Restored{Series: 6})
				if got := s.mustSave(t, second); !bytes.Equal(got, want) {
					t.Errorf("saved\n%q\nrestored and saved\n%q", want, got)
				}
			})
		}
	}
}

// A file that was cut anywhere, or has one wrong byte, is never used, and never lost.
func TestStateFileDamaged(t *testing.T) {
	s := newStateTest(t)
	r := s.registry(usual)
	record(t, r, stateLines...)
	good := s.mustSave(t, r)
	f := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(s.Path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r := s.registry(usual)
		restored, err := s.Load(r)
		if !errors.Is(err, aggregate.ErrState) || restored != (aggregate.Restored{}) || r.Stats().Series != 0 {
			t.Fatalf("%s: Load() = %+v, %v; %d series; want none, and ErrState", what, restored, err, r.Stats().Series)
		}
		_, aside, found := strings.Cut(err.Error(), "it is now ")
		if !found || aside != s.Path+".bad" && !strings.HasPrefix(aside, s.Path+".version-") {
			t.Fatalf("%s: %v, want it to say where the file is", what, err)
		}
		if kept, err := os.ReadFile(aside); err != nil || !bytes.Equal(kept, content) {
			t.Fatalf("%s: set aside as %q, %v", what, kept, err)
		}
		if err := os.Remove(aside); err != nil {
			t.Fatal(err)
		}
		s.mustLoad(t, r, aggregate.Restored{}) // nothing to restore: the file was set aside
	}
	for length := range good {
		f(fmt.Sprintf("the first %d bytes", length), good[:length])
	}
	for i := range good {
		for _, flip := range []byte{1 << (i % 8), 0xff} {
			damaged := slices.Clone(good)
			damaged[i] ^= flip
			f(fmt.Sprintf("byte %d ^ %#x", i, flip), damaged)
		}
	}
	f("with more after it", append(slices.Clone(good), good...))

	if err := os.WriteFile(s.Path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	s.mustLoad(t, s.registry(usual), aggregate.Restored{Series: 6})
}

// Limits hold for what is restored, and what is over them is counted.
func TestStateOverLimits(t *testing.T) {
	s := newStateTest(t)
	r := s.registry(usual)
	record(t, r, "hits:1|c|#id:1\nhits:1|c|#id:2\nhits:1|c|#id:3\nlevel:1|g\nlevel:1|g|#id:1")
	s.mustSave(t, r)
	f := func(limits aggregate.Limits, want aggregate.Restored) {
		t.Helper()
		s.mustLoad(t, s.registry(func(o *aggregate.Options) { o.Limits = limits }), want)
	}
	drop, fold := aggregate.OverflowDropAndWarn, aggregate.OverflowFold
	f(aggregate.Limits{MaxSeriesPerMetric: 2, MaxTotalSeries: 9, OverflowAction: drop}, aggregate.Restored{Series: 4, Skipped: 1})
	f(aggregate.Limits{MaxSeriesPerMetric: 9, MaxTotalSeries: 4, OverflowAction: drop}, aggregate.Restored{Series: 4, Skipped: 1})
	f(aggregate.Limits{MaxSeriesPerMetric: 3, MaxTotalSeries: 9, OverflowAction: fold}, aggregate.Restored{Series: 4, Skipped: 1})
	f(aggregate.Limits{MaxSeriesPerMetric: 9, MaxTotalSeries: 6, OverflowAction: fold}, aggregate.Restored{Series: 5})
}

// Samples are folded when the configuration says so, not when there is a series of that name: one that was
// restored, or that somebody has sent.
func TestStateOfFoldWithoutFold(t *testing.T) {
	s := newStateTest(t)
	r := s.registry(func(o *aggregate.Options) {
		o.Limits.OverflowAction, o.Limits.MaxSeriesPerMetric = aggregate.OverflowFold, 2
	})
	record(t, r, "hits:1|c|#id:1\nhits:1|c|#id:2\nhits:1|c|#id:3")
	s.mustSave(t, r)

	r = s.registry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2 })
	s.mustLoad(t, r, aggregate.Restored{Series: 2})
	if refused := record(t, r, "hits:1|c|#id:1\nhits:1|c|#id:4", "sent:1|c|#weir_overflow:true\nsent:1|c|#id:1\nsent:1|c|#id:2"); refused != 2 {
		t.Errorf("%d samples refused, want 2", refused)
	}
	for _, f := range r.Snapshot().Families {
		for _, series := range f.Series {
			if want := map[string]float64{`id="1"`: 2, `weir_overflow="true"`: 2}; f.Name() == "hits" &&
				series.Value() != want[series.Labels().Text()] {
				t.Errorf("hits{%s} = %v, want %v", series.Labels().Text(), series.Value(), want)
			}
		}
	}
}

// A changed series.ttl is that of restored series too, and time away counts.
func TestStateExpires(t *testing.T) {
	f := func(before, now, away time.Duration, want int) {
		t.Helper()
		s := newStateTest(t)
		r := s.registry(func(o *aggregate.Options) { o.Series.TTL = before })
		record(t, r, stateLines...)
		s.mustSave(t, r)
		s.now = s.now.Add(away)
		r = s.registry(func(o *aggregate.Options) { o.Series.TTL = now })
		s.mustLoad(t, r, aggregate.Restored{Series: 6})
		if got := r.Sweep(); got != want {
			t.Errorf("ttl %v, then %v, after %v: %d series expire, want %d", before, now, away, got, want)
		}
	}
	f(time.Hour, time.Hour, time.Hour-2*time.Second, 0)
	f(time.Hour, time.Hour, time.Hour+2*time.Second, 6)
	f(0, time.Hour, time.Hour+2*time.Second, 6)
	f(0, time.Hour, time.Minute, 0)
	f(time.Hour, 0, time.Hour+2*time.Second, 0)
	f(time.Hour, 2*time.Hour, time.Hour+2*time.Second, 0)
	f(0, 0, 1000*time.Hour, 0)
}

// A set forgets by the window of now, also what it only estimates, and whatever the window was.
func TestStateOfSets(t *testing.T) {
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "many:u%d|s\n", i)
	}
	f := func(before, now, away time.Duration, want bool) {
		t.Helper()
		s := newStateTest(t)
		r := s.registry(func(o *aggregate.Options) { o.Sets.Window = before })
		record(t, r, many.String(), "few:alice|s")
		s.mustSave(t, r)
		s.now = s.now.Add(away)
		r = s.registry(func(o *aggregate.Options) { o.Sets.Window = now })
		s.mustLoad(t, r, aggregate.Restored{Series: 2})
		s.mustSave(t, r) // which reads it, too
		for _, family := range r.Snapshot().Families {
			most, least := 0.0, 0.0
			if want {
				most, least = 1, 1
				if family.Name() == "many" {
					most, least = 5100, 4900
				}
			}
			if got := family.Series[0].Value(); got < least || got > most {
				t.Errorf("window %v, then %v, after %v: %s = %v, want %v to %v", before, now, away, family.Name(), got, least, most)
			}
		}
	}
	f(time.Minute, time.Minute, 30*time.Second, true)
	f(time.Minute, time.Minute, 2*time.Minute, false)
	f(time.Minute, time.Hour, 0, true)
	f(time.Minute, time.Hour, 30*time.Second, true)
	f(time.Minute, time.Hour, 2*time.Hour, false)
	f(time.Hour, time.Minute, 0, true)
	f(time.Hour, time.Minute, 2*time.Minute, false)
	f(time.Second, 24*time.Hour, 48*time.Hour, false)
}
