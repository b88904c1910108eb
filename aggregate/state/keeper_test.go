package state_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/state"
	"weir/protocol"
)

const journalBytes = 4 << 20

// life is one process: a registry and its keeper.
type life struct {
	*state.Keeper

	registry *aggregate.Registry
	shards   [2]*aggregate.Shard
}

// newLife returns a life that has not loaded a state.
func newLife(path string, change func(*aggregate.Options)) *life {
	o := aggregate.DefaultOptions()
	o.Timers.Buckets = []float64{1, 5}
	if change != nil {
		change(&o)
	}
	l := &life{registry: aggregate.New(o)}
	l.shards = [2]*aggregate.Shard{l.registry.NewShard(), l.registry.NewShard()}
	l.Keeper = state.New(state.Options{Path: path, JournalMaxBytes: journalBytes}, l.registry)
	return l
}

// begin returns a life that has loaded and saved the state of a path, as weir does when it starts.
func begin(t rapid.TB, path string, change func(*aggregate.Options)) (*life, aggregate.Restored) {
	t.Helper()
	l := newLife(path, change)
	restored, err := l.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Save(); err != nil {
		t.Fatal(err)
	}
	return l, restored
}

// kill ends a life without a word.
func (l *life) kill() {
	l.registry.SetJournal(nil)
	_ = l.Close() // the kernel does that
}

func (l *life) record(t rapid.TB, shard int, lines string) {
	t.Helper()
	d := protocol.Decoder{MaxLine: 1 << 10}
	for d.Reset([]byte(lines)); d.Next(); {
		for sample, err := d.Sample(); sample != nil || err != nil; sample, err = d.Sample() {
			if err != nil || l.shards[shard].Record(sample) != protocol.ReasonNone {
				t.Fatalf("%q is not recorded: %v", lines, err)
			}
		}
	}
}

// show reads all series as a scrape does, offers them, and returns the values: of a histogram or a summary its
// count, and its sum under another name.
func (l *life) show(native bool) map[string]float64 {
	shown := make(map[string]float64)
	values := aggregate.Values{Native: native, CreatedAsZero: true}
	for _, f := range l.registry.Snapshot().Families {
		values.Reset()
		values.Read(f.Family, f.Series)
		l.registry.Offered(&values)
		for i, s := range f.Series {
			words := values.Of(i)
			name := f.Name() + "{" + s.Labels().Text() + "}"
			if f.Type() == aggregate.TypeCounter || f.Type() == aggregate.TypeGauge {
				shown[name] = words.Float()
				continue
			}
			shown[name+" sum"] = words.Float()
			count := words.Take(1 + len(f.Bounds()))
			shown[name] = float64(count[len(count)-1])
		}
	}
	return shown
}

// delete deletes the series with a tag, and all that have none. A scrape that has read them before offers them
// afterwards. It returns their names.
func (l *life) delete(tag string) (names []string) {
	var late []*aggregate.Values
	var series []*aggregate.Series
	for _, f := range l.registry.Snapshot().Families {
		for _, s := range f.Series {
			if value, found := s.Labels().Get("a"); !found || value == tag {
				values := new(aggregate.Values)
				values.Read(f.Family, []*aggregate.Series{s})
				late, series = append(late, values), append(series, s)
				names = append(names, f.Name()+"{"+s.Labels().Text()+"}")
			}
		}
	}
	l.registry.Delete(series)
	for _, values := range late {
		l.registry.Offered(values)
	}
	return names
}

// copyDir copies the files of a state as a kill at this moment leaves them.
func copyDir(t rapid.TB, from, to string) {
	t.Helper()
	if err := errors.Join(os.RemoveAll(to), os.CopyFS(to, os.DirFS(from))); err != nil {
		t.Fatal(err)
	}
}

// Whatever is recorded, shown and saved in which order, and whenever weir is killed, also within a save: every series
// comes back with at least what was shown and at most what was sent, and a histogram with a sum that fits its count.
func TestKills(t *testing.T) {
	base := memoryDir(t)
	rapid.Check(t, func(t *rapid.T) {
		observer := rapid.SampledFrom([]string{"histogram", "native", "both", "summary"}).Draw(t, "observer")
		birth := rapid.SampledFrom([]string{aggregate.BirthValue, aggregate.BirthZero}).Draw(t, "birth")
		change := func(o *aggregate.Options) {
			o.Timers.Observer, o.Series.CounterBirth = observer, birth
		}
		dir := filepath.Join(base, "dir")
		if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "state")
		l, _ := begin(t, path, change)
		shown, sent := map[string]float64{}, map[string]float64{}
		show := func() {
			for name, value := range l.show(rapid.Bool().Draw(t, "native")) {
				if name != "level{}" { // a gauge: no journal
					shown[name] = max(shown[name], value)
				}
			}
		}
		// check restarts from a copy of the files and compares.
		check := func(from string) *life {
			next, restored := begin(t, filepath.Join(from, "state"), change)
			if restored.Reset > 0 || restored.Skipped > 0 {
				t.Fatalf("restored %+v, want no reset", restored)
			}
			values := next.show(true)
			for name, least := range shown {
				if got := values[name]; got < least && birth == aggregate.BirthValue || got > sent[name] {
					t.Fatalf("%s = %v after a kill; %v was shown, %v was sent", name, got, least, sent[name])
				}
			}
			for name := range values {
				if _, found := sent[name]; !found {
					t.Fatalf("%s came back after it was deleted", name)
				}
				if count, isSum := strings.CutSuffix(name, " sum"); isSum && values[name] != 2*values[count] {
					t.Fatalf("%s = %v, but %v values of 2 were observed", name, values[name], values[count])
				}
			}
			return next
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"record", "record", "record", "show", "show", "save", "delete", "kill", "kill in a save"}).Draw(t, "step") {
			case "record":
				tag := rapid.IntRange(0, 3).Draw(t, "tag")
				l.record(t, rapid.IntRange(0, 1).Draw(t, "shard"), fmt.Sprintf("hits:1|c|#a:%d\ntime:2|h|#a:%d\nlevel:5|g", tag, tag))
				sent[fmt.Sprintf("hits{a=%q}", fmt.Sprint(tag))]++
				sent[fmt.Sprintf("time{a=%q}", fmt.Sprint(tag))]++
				sent[fmt.Sprintf("time{a=%q} sum", fmt.Sprint(tag))] += 2
				sent["level{}"] = 5
			case "show":
				show()
				l.registry.Snapshot().Served()
			case "delete":
				tag := fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "deleted"))
				for _, name := range l.delete(tag) {
					for _, name := range []string{name, name + " sum"} {
						delete(sent, name)
						delete(shown, name)
					}
				}
			case "save":
				if _, err := l.Save(); err != nil {
					t.Fatal(err)
				}
			case "kill":
				l.kill()
				copied := filepath.Join(base, "copy")
				copyDir(t, dir, copied)
				check(copied).kill()
				l = check(dir)
			default: // kill in a save
				before := filepath.Join(base, "before")
				copyDir(t, dir, before)
				if _, err := l.Save(); err != nil {
					t.Fatal(err)
				}
				show() // in the new journal, while the file is being written
				after := filepath.Join(base, "after")
				copyDir(t, dir, after)
				copyJournals(t, after, before)
				check(before).kill() // the file was not replaced yet
				copyJournals(t, before, after)
				check(after).kill() // the journal before it was not removed yet
			}
		}
	})
}

// memoryDir returns a directory whose files need no disk, if there is such: each save waits for the disk.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "weir-state-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func copyJournals(t rapid.TB, from, to string) {
	t.Helper()
	journals, err := filepath.Glob(filepath.Join(from, "state.journal-*"))
	for _, journal := range journals {
		content, readErr := os.ReadFile(journal)
		err = errors.Join(err, readErr, os.WriteFile(filepath.Join(to, filepath.Base(journal)), content, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Without a journal that can be used, what accumulates begins at zero after a kill, created now; the rest is as it
// was saved.
func TestKillWithoutJournal(t *testing.T) {
	f := func(what string, damage func(path string) error) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "state")
		l, _ := begin(t, path, nil)
		l.record(t, 0, "hits:3|c\ntime:2|h\nlevel:5|g")
		if _, err := l.Save(); err != nil {
			t.Fatal(err)
		}
		l.show(false)
		l.kill()
		journals, _ := filepath.Glob(path + ".journal-*")
		if len(journals) != 1 {
			t.Fatalf("journals: %q, want one", journals)
		}
		if err := damage(journals[0]); err != nil {
			t.Fatal(err)
		}
		before := time.Now().Unix()
		next, restored := begin(t, path, nil)
		defer next.kill()
		if restored != (aggregate.Restored{Series: 3, Reset: 2}) {
			t.Errorf("%s: restored %+v, want 3 series, 2 of them from zero", what, restored)
		}
		if got := next.show(false); got["hits{}"] != 0 || got["time{}"] != 0 || got["time{} sum"] != 0 || got["level{}"] != 5 {
			t.Errorf("%s: %v, want zeros and the gauge", what, got)
		}
		for _, family := range next.registry.Snapshot().Families {
			if created := family.Series[0].Created().Unix(); family.Type() != aggregate.TypeGauge && created < before {
				t.Errorf("%s: %s was created at %d, want %d or later", what, family.Name(), created, before)
			}
		}
		if !next.HasJournal() {
			t.Errorf("%s: there is no journal afterwards: %v", what, next.JournalError())
		}
	}
	f("no journal", os.Remove)
	f("an empty journal", func(path string) error { return os.Truncate(path, 0) })
	f("a short journal", func(path string) error { return os.Truncate(path, 1000) })
	f("a pipe", func(path string) error { return errors.Join(os.Remove(path), unix.Mkfifo(path, 0o600)) })
	f("an old state", func(path string) error {
		old := time.Now().Add(-time.Hour)
		return os.Chtimes(path[:strings.LastIndex(path, ".journal-")], old, old)
	})
	f("the journal of another number", func(path string) error {
		content, err := os.ReadFile(path)
		content[8]++
		return errors.Join(err, os.WriteFile(path, content, 0o600))
	})
	f("a bad next journal", func(path string) error {
		at := strings.LastIndex(path, "-") + 1
		var n int
		_, err := fmt.Sscan(path[at:], &n)
		return errors.Join(err, os.WriteFile(fmt.Sprint(path[:at], n+1), []byte("bad"), 0o600))
	})
}

// While a new series is shown as 0, each scrape keeps what it has: a kill loses only what came after the last one.
func TestKillWhileZeroIsShown(t *testing.T) {
	zero := func(o *aggregate.Options) { o.Series.CounterBirth, o.Series.Hold = aggregate.BirthZero, 0 }
	path := filepath.Join(t.TempDir(), "state")
	l, _ := begin(t, path, zero)
	for range 3 {
		l.record(t, 0, "hits:1|c\ntime:2|h")
		if got := l.show(false); got["hits{}"] != 0 || got["time{}"] != 0 {
			t.Fatalf("%v is shown, want zeros", got)
		}
	}
	l.kill()
	next, _ := begin(t, path, zero)
	defer next.kill()
	if got := next.show(false); got["hits{}"] != 0 {
		t.Errorf("%v is shown after a kill, want zeros", got)
	}
	next.registry.Snapshot().Served()
	if got := next.show(false); got["hits{}"] != 3 || got["time{}"] != 3 || got["time{} sum"] != 6 {
		t.Errorf("%v is shown once the zeros were served, want 3", got)
	}
}

// The scrape that shows a value after the hold ends the 0, also when weir is killed before that scrape was served, or
// stops: a 0 after a value would be a reset.
func TestValueAfterZeroStays(t *testing.T) {
	f := func(what string, end func(*life) error) {
		t.Helper()
		held := func(o *aggregate.Options) { o.Series.CounterBirth, o.Series.Hold = aggregate.BirthZero, time.Second }
		path := filepath.Join(t.TempDir(), "state")
		l, _ := begin(t, path, held)
		l.record(t, 0, "hits:3|c\ntime:2|h")
		if got := l.show(false); got["hits{}"] != 0 || got["time{}"] != 0 {
			t.Errorf("%v is shown first, want zeros", got)
		}
		l.registry.Snapshot().Served()
		l.registry.Tick(time.Now().Add(2 * time.Second))
		if got := l.show(false); got["hits{}"] != 3 || got["time{}"] != 1 {
			t.Errorf("%v is shown after the hold, want values", got)
		}
		if err := end(l); err != nil {
			t.Fatal(err)
		}
		next, _ := begin(t, path, held)
		defer next.kill()
		if got := next.show(false); got["hits{}"] != 3 || got["time{}"] != 1 || got["time{} sum"] != 2 {
			t.Errorf("%v is shown after %s, want values", got, what)
		}
	}
	f("a kill", func(l *life) error {
		l.kill()
		return nil
	})
	f("a stop", func(l *life) error {
		_, err := l.SaveLast()
		return err
	})
}

// After a clean stop there is no journal, and all is as it was.
func TestCleanStop(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	l, _ := begin(t, path, nil)
	l.record(t, 0, "hits:3|c")
	l.show(false)
	if _, err := l.SaveLast(); err != nil {
		t.Fatal(err)
	}
	if journals, _ := filepath.Glob(path + ".journal-*"); len(journals) != 0 {
		t.Errorf("journals after a clean stop: %q", journals)
	}
	next, restored := begin(t, path, nil)
	defer next.kill()
	if got := next.show(false)["hits{}"]; got != 3 || restored.Reset != 0 {
		t.Errorf("hits = %v, restored %+v, want 3", got, restored)
	}
}

// A journal that is full asks for a save. A kill before that resets; one afterwards does not.
func TestJournalFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	many := func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 1 << 20 }
	l, _ := begin(t, path, many)
	for i := range 2 * journalBytes / 100 {
		l.record(t, 0, fmt.Sprintf("hits:1|c|#a:%d", i))
	}
	l.show(false)
	select {
	case <-l.registry.JournalFull():
	default:
		t.Error("the journal does not say that it is full")
	}
	if l.HasJournal() {
		t.Error("the journal is full and says that it has all")
	}
	if _, err := l.Save(); err != nil || !l.HasJournal() {
		t.Fatalf("Save = %v, has a journal: %v", err, l.HasJournal())
	}
	l.show(false)
	if !l.HasJournal() {
		t.Error("what has not changed since a save filled the journal")
	}
	l.record(t, 0, "hits:1|c|#a:1")
	l.show(false)
	l.kill()
	next, restored := begin(t, path, many)
	defer next.kill()
	if got := next.show(false)[`hits{a="1"}`]; got != 2 || restored.Reset != 0 {
		t.Errorf("hits = %v, restored %+v, want 2 and no reset", got, restored)
	}
}

// With a journal of 0 bytes no journal is kept; the state is saved all the same.
func TestNoJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	l := newLife(path, nil)
	l.Keeper = state.New(state.Options{Path: path}, l.registry)
	if _, err := l.Load(); err != nil {
		t.Fatal(err)
	}
	l.record(t, 0, "hits:3|c")
	for range 2 {
		if _, err := l.Save(); err != nil {
			t.Fatal(err)
		}
	}
	journals, _ := filepath.Glob(path + ".journal-*")
	if len(journals) != 0 || l.HasJournal() || l.JournalError() != nil {
		t.Errorf("journals %q, %t, %v", journals, l.HasJournal(), l.JournalError())
	}
	l.kill()
	next, restored := begin(t, path, nil)
	defer next.kill()
	if restored.Series != 1 {
		t.Errorf("restored %+v, want a series", restored)
	}
}

// A journal of another process, whatever its number, is removed by the next save, and never the new one.
func TestOtherJournals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	l, _ := begin(t, path, nil)
	l.kill()
	for _, number := range []string{"2", "7"} {
		if err := os.WriteFile(path+".journal-"+number, []byte("of another process"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	next, _ := begin(t, path, nil)
	defer next.kill()
	journals, _ := filepath.Glob(path + ".journal-*")
	if len(journals) != 1 || journals[0] != path+".journal-8" || !next.HasJournal() {
		t.Errorf("journals %q, want one with the number 8", journals)
	}
}

// A second keeper is refused, also by way of a link, and told who has the file.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "state"), filepath.Join(dir, "link")
	if err := os.Symlink("state", link); err != nil {
		t.Fatal(err)
	}
	l, _ := begin(t, link, nil)
	for _, name := range []string{path, link} {
		second := state.New(state.Options{Path: name}, aggregate.New(aggregate.DefaultOptions()))
		if _, err := second.Load(); !errors.Is(err, state.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d", os.Getpid())) {
			t.Errorf("Load(%s) = %v, want ErrLocked with the pid", name, err)
		}
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	l.kill()
	next, _ := begin(t, path, nil)
	next.kill()
}

// go test ./aggregate/state -run '^$' -bench Offered.
func BenchmarkOffered(b *testing.B) {
	for _, journal := range []string{"off", "on"} {
		b.Run("journal="+journal, func(b *testing.B) {
			const series = 10_000
			l, _ := begin(b, filepath.Join(b.TempDir(), "state"), func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = series })
			defer l.kill()
			if journal == "off" {
				l.registry.SetJournal(nil)
			}
			lines := make([]string, series)
			for i := range lines {
				lines[i] = fmt.Sprintf("hits:1|c|#a:%d", i)
				l.record(b, 0, lines[i])
			}
			l.show(false)
			values := aggregate.Values{CreatedAsZero: true}
			f := l.registry.Snapshot().Families[0]
			for b.Loop() {
				for i := range series / 100 { // one in a hundred changes
					l.record(b, 0, lines[100*i])
				}
				values.Reset()
				values.Read(f.Family, f.Series)
				l.registry.Offered(&values)
			}
		})
	}
}
