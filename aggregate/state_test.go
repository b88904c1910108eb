package aggregate_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/aggregate"
)

// describe returns everything that a scrape could show of a registry, a line for each series.
func describe(r *aggregate.Registry) []string {
	var lines []string
	var o aggregate.Observations
	for _, f := range r.Snapshot().Families {
		lines = append(lines, fmt.Sprintf("%s %s %q %v %v", f.Type(), f.Name(), f.Help(), f.Bounds(), f.Quantiles()))
		for _, s := range f.Series {
			line := fmt.Sprintf("%s{%s} %d ", f.Name(), s.Labels().Text(), s.Created().Unix())
			switch f.Type() {
			case aggregate.TypeCounter, aggregate.TypeGauge:
				line += fmt.Sprint(s.Value())
			default:
				s.Observe(&o)
				line += fmt.Sprint(o.Sum, o.Count, o.Buckets)
				if n, ok := o.Native(f.Family); ok {
					line += fmt.Sprintf("%+v", n)
				}
			}
			lines = append(lines, line)
		}
	}
	return lines
}

var observers = []string{
	aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary,
}

// What is restored is what was saved, and goes on from there.
func TestStateRoundTrip(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	rapid.Check(t, func(t *rapid.T) {
		observer := rapid.SampledFrom(observers).Draw(t, "observer")
		options := func(o *aggregate.Options) { o.Timers.Observer = observer }
		old := newRegistry(options)
		now := time.Unix(1_800_000_000, 0)
		old.Tick(now)
		shards := []*aggregate.Shard{old.NewShard(), old.NewShard()}
		lines := rapid.SliceOfN(stateLine, 1, 60).Draw(t, "lines")
		for _, l := range lines {
			recordLine(shards[rapid.IntRange(0, len(shards)-1).Draw(t, "shard")], l)
		}
		size, err := file.Save(old)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file.Path); err != nil || info.Size() != size {
			t.Fatalf("saved %d bytes, but %v, %v", size, info, err)
		}
		restored := newRegistry(options)
		restored.Tick(now)
		got, err := file.Load(restored)
		if err != nil || got.Series != old.Stats().Series || got.Skipped != 0 {
			t.Fatalf("restored %+v, %v, want all %d series", got, err, old.Stats().Series)
		}
		if d := cmp.Diff(describe(old), describe(restored)); d != "" {
			t.Fatalf("saved-, restored+:\n%s", d)
		}
		after, shard := old.NewShard(), restored.NewShard()
		for _, l := range lines {
			recordLine(after, l)
			recordLine(shard, l)
		}
		if d := cmp.Diff(describe(old), describe(restored)); d != "" {
			t.Fatalf("went on-, went on after a restart+:\n%s", d)
		}
	})
}

var stateLine = rapid.Custom(func(t *rapid.T) string {
	kind := rapid.SampledFrom([]string{"c", "g", "ms", "h", "s", "m"}).Draw(t, "kind")
	value := 500 * rapid.IntRange(1, 200).Draw(t, "value") // sums of it, in seconds too, are exact
	return fmt.Sprintf("n%s:%d|%s|#a:%d", kind, value, kind, rapid.IntRange(0, 3).Draw(t, "tag"))
})

// A set keeps its members, also when they are estimated, until they leave the window.
func TestStateKeepsSets(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	now := time.Unix(1_800_000_000, 0)
	old := newRegistry(nil)
	old.Tick(now)
	shards := []*aggregate.Shard{old.NewShard(), old.NewShard()}
	for i := range 5000 {
		line(t, shards[i%2], fmt.Sprintf("many:%d|s", i))
	}
	line(t, shards[0], "few:a|s\nfew:b|s")
	if _, err := file.Save(old); err != nil {
		t.Fatal(err)
	}
	restored := newRegistry(nil)
	restored.Tick(now.Add(10 * time.Second))
	if _, err := file.Load(restored); err != nil {
		t.Fatal(err)
	}
	line(t, restored.NewShard(), "few:b|s\nfew:c|s\nmany:1|s")
	if few, many, want := value(restored, "few"), value(restored, "many"), value(old, "many"); few != 3 || many != want {
		t.Errorf("few = %v, many = %v, want 3 and %v", few, many, want)
	}
	restored.Tick(now.Add(65 * time.Second))
	if few, many := value(restored, "few"), value(restored, "many"); few != 2 || many != 1 {
		t.Errorf("after the window few = %v, many = %v, want 2 and 1", few, many)
	}
}

// A set keeps its members when the window has another length after the restart, as long as that lets it.
func TestStateUnderAnotherSetWindow(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	now := time.Unix(1_800_000_000, 0)
	old := newRegistry(func(o *aggregate.Options) { o.Sets.Window = 60 * time.Second })
	shard := old.NewShard()
	for i := range 4000 {
		old.Tick(now.Add(time.Duration(i/100) * time.Second)) // over 40 s
		line(t, shard, fmt.Sprintf("many:%d|s", i))
	}
	if _, err := file.Save(old); err != nil {
		t.Fatal(err)
	}
	for window, want := range map[time.Duration][2]float64{
		8 * time.Second: {1000, 0}, 60 * time.Second: {4000, 0}, 10 * time.Hour: {4000, 4000},
	} {
		r := newRegistry(func(o *aggregate.Options) { o.Sets.Window = window })
		r.Tick(now.Add(41 * time.Second))
		if _, err := file.Load(r); err != nil {
			t.Fatal(err)
		}
		if got := value(r, "many"); got > 1.02*want[0] || got < 0.98*want[0] {
			t.Errorf("window %v: %v members, want about %v", window, got, want[0])
		}
		r.Tick(now.Add(30 * time.Minute))
		if got := value(r, "many"); got > 1.02*want[1] || got < 0.98*want[1] {
			t.Errorf("window %v, half an hour later: %v members, want about %v", window, got, want[1])
		}
	}
}

// Time goes on while weir is away: what was idle for the TTL then expires.
func TestStateKeepsIdleTime(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	now := time.Unix(1_800_000_000, 0)
	old := newRegistry(withTTL(60 * time.Second))
	old.Tick(now)
	shard := old.NewShard()
	line(t, shard, "early:1|c")
	old.Tick(now.Add(30 * time.Second))
	line(t, shard, "late:1|c\nlate:1|h")
	if _, err := file.Save(old); err != nil {
		t.Fatal(err)
	}
	restored := newRegistry(withTTL(60 * time.Second))
	restored.Tick(now.Add(70 * time.Second))
	if _, err := file.Load(restored); err != nil {
		t.Fatal(err)
	}
	restored.Sweep()
	if early, late := restored.Stats().Series, value(restored, "late"); early != 1 || late != 1 {
		t.Errorf("%d series, late = %v, want only late", early, late)
	}
}

// Another configuration, or another use of a name, wins over what was restored.
func TestStateYields(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	old := newRegistry(nil)
	line(t, old.NewShard(), "time:1|ms\nwas_counter:5|c\nreserved:1|c\nx_sum:1|c\nkept:2|c")
	if _, err := file.Save(old); err != nil {
		t.Fatal(err)
	}
	r := newRegistry(func(o *aggregate.Options) { o.Timers.Buckets = []float64{1, 2} }, "reserved")
	got, err := file.Load(r)
	if err != nil || got != (aggregate.Restored{Series: 4, Skipped: 1}) {
		t.Fatalf("restored %+v, %v, want 4 series, and one skipped", got, err)
	}
	if got := line(t, r.NewShard(), "time:1|ms\nwas_counter:1|g\nkept:1|c\nx:1|ms"); got != "   " {
		t.Errorf("record: %q", got)
	}
	for series, want := range map[string]float64{"time": 1, "was_counter": 1, "kept": 3, "x": 1} {
		if got := value(r, series); got != want {
			t.Errorf("%s = %v, want %v", series, got, want)
		}
	}
}

func TestStateWithinLimits(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	old := newRegistry(nil)
	shard := old.NewShard()
	for i := range 10 {
		line(t, shard, fmt.Sprintf("x:1|c|#i:%d", i))
	}
	if _, err := file.Save(old); err != nil {
		t.Fatal(err)
	}
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 4 })
	if got, err := file.Load(r); err != nil || got != (aggregate.Restored{Series: 4, Skipped: 6}) {
		t.Errorf("restored %+v, %v, want 4 series of 10", got, err)
	}
}

// A file that is cut short, or damaged anywhere, is set aside, and nothing of it is taken.
func TestStateDamaged(t *testing.T) {
	dir := t.TempDir()
	file := aggregate.StateFile{Path: filepath.Join(dir, "state")}
	old := newRegistry(func(o *aggregate.Options) { o.Timers.Observer = aggregate.ObserverBoth })
	line(t, old.NewShard(), "c:1|c|#a:b\ng:1|g\nh:1|h\ns:1|s")
	if _, err := file.Save(old); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	f := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(file.Path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r := newRegistry(nil)
		aside := file.Path + ".bad"
		if _, err := file.Load(r); !errors.Is(err, aggregate.ErrState) || !strings.HasSuffix(err.Error(), "it is now "+aside) {
			t.Errorf("%s: %v, want an ErrState that names the .bad file", what, err)
		}
		if got := r.Stats().Series; got != 0 {
			t.Errorf("%s: %d series were taken", what, got)
		}
		kept, err := os.ReadFile(aside)
		if err != nil || string(kept) != string(content) {
			t.Errorf("%s: the .bad file is not what was there: %v", what, err)
		}
		if _, err := os.Stat(file.Path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the file is still there: %v", what, err)
		}
		if err := os.Remove(aside); err != nil {
			t.Error(err)
		}
	}
	for n := range whole {
		f(fmt.Sprintf("cut to %d bytes", n), whole[:n])
	}
	for i := range whole {
		damaged := append([]byte(nil), whole...)
		damaged[i] ^= 0x10
		f(fmt.Sprintf("byte %d changed", i), damaged)
	}
	f("longer", append(append([]byte(nil), whole...), 0))
	f("foreign", []byte(strings.Repeat("something else entirely\n", 100)))

	if got, err := file.Load(newRegistry(nil)); err != nil || got != (aggregate.Restored{}) {
		t.Errorf("without a file: %+v, %v, want nothing", got, err)
	}
	if _, err := (aggregate.StateFile{Path: dir}).Load(newRegistry(nil)); err == nil || errors.Is(err, aggregate.ErrState) {
		t.Errorf("a directory: %v, want an error of the file system", err)
	}
}

// Files of newer versions are set aside under names of their own, and none replaces another.
func TestStateOfNewerVersion(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	if _, err := file.Save(newRegistry(nil)); err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{".version-999", ".version-999-2", ".version-999-3"} {
		content := strings.Replace(string(saved), "002", "999", 1) + strings.Repeat("x", i)
		if err := os.WriteFile(file.Path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		r := newRegistry(nil)
		if _, err := file.Load(r); !errors.Is(err, aggregate.ErrState) || !strings.HasSuffix(err.Error(), file.Path+name) {
			t.Errorf("%v, want an ErrState that names %s", err, name)
		}
		if got, err := os.ReadFile(file.Path + name); err != nil || string(got) != content {
			t.Errorf("%s has %q, %v, want what was there", name, got, err)
		}
		if _, err := file.Save(r); err != nil {
			t.Error(err)
		}
	}
}

// What Save of a process that was killed has left goes when its successor starts.
func TestStateRemovesRest(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	rest := file.Path + ".123.tmp"
	if err := os.WriteFile(rest, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := file.Load(newRegistry(nil)); err != nil || got != (aggregate.Restored{}) {
		t.Errorf("%+v, %v, want nothing", got, err)
	}
	if _, err := os.Stat(rest); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", rest, err)
	}
}
