package aggregate_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/protocol"
)

// selected returns the series of a registry for which keep returns true.
func selected(r *aggregate.Registry, keep func(family string, s *aggregate.Series) bool) (series []*aggregate.Series) {
	for _, f := range r.Snapshot().Families {
		for _, s := range f.Series {
			if keep(f.Name(), s) {
				series = append(series, s)
			}
		}
	}
	return series
}

func anySeries(string, *aggregate.Series) bool { return true }

// A series of any kind is gone at once. It comes back from zero, with a new created time, when a sample comes, also
// by a raw key that its shard knew.
func TestDelete(t *testing.T) {
	for _, observer := range observers {
		synctest.Test(t, func(t *testing.T) {
			r := running(t, func(o *aggregate.Options) { o.Timers.Observer = observer })
			shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
			send := func() {
				for line := range eachKind {
					for _, s := range shards {
						recordLine(s, line)
					}
				}
			}
			send()
			first := describe(r)
			created := r.Snapshot().Families[0].Series[0].Created()
			pass(time.Minute)
			send()
			all := selected(r, anySeries)
			if got := r.Delete(all); got != len(eachKind) {
				t.Errorf("%s: %d series are deleted, want %d", observer, got, len(eachKind))
			}
			if got := r.Delete(all); got != 0 {
				t.Errorf("%s: deleted again: %d", observer, got)
			}
			if got := r.Stats(); got.Series != 0 || got.Families != 0 || got.SeriesDeleted != uint64(len(eachKind)) || got.SeriesExpired != 0 {
				t.Errorf("%s: %+v, want no series, and all deleted", observer, got)
			}
			if got := describe(r); len(got) != 0 {
				t.Errorf("%s: a scrape shows %q", observer, got)
			}
			send()
			if got := r.Snapshot().Families[0].Series[0].Created(); got.Sub(created) < time.Minute {
				t.Errorf("%s: created at %v, want later than %v", observer, got, created)
			}
			again := newRegistry(func(o *aggregate.Options) { o.Timers.Observer = observer })
			for line := range eachKind {
				recordLine(again.NewShard(), line)
				recordLine(again.NewShard(), line)
			}
			if got := describe(r); len(got) != len(first) {
				t.Errorf("%s: %q came back, want %d lines", observer, got, len(first))
			}
			for name := range eachKind {
				if got, want := value(r, eachKind[name]), value(again, eachKind[name]); got != want {
					t.Errorf("%s: %s = %v, want %v as in a new registry", observer, name, got, want)
				}
			}
		})
	}
}

// The places of deleted series are free, also those of a family that folds, and a free name may be of another type.
func TestDeleteMakesRoom(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric, o.Limits.MaxTotalSeries = 3, 4 })
	s := r.NewShard()
	for i := range 5 {
		recordLine(s, fmt.Sprintf("a:1|c|#i:%d", i))
	}
	if got := r.Refused("a"); got != 2 {
		t.Errorf("%d samples are refused, want 2", got)
	}
	r.Delete(selected(r, func(_ string, s *aggregate.Series) bool { return s.Labels().Text() == `i="0"` }))
	if got := line(t, s, "a:1|c|#i:4"); got != "" {
		t.Errorf("a place is free, but %q", got)
	}
	if got := line(t, s, "a:1|c|#i:0"); got != protocol.ReasonSeriesPerMetric.String() {
		t.Errorf("the place is taken again, but %v", got)
	}
	r.Delete(selected(r, anySeries))
	if got := line(t, s, "a:1|g"); got != "" {
		t.Errorf("the name is free, but %v", got)
	}
	if counted, have := r.Places(); counted != have || have != 1 {
		t.Errorf("%d places are counted, %d are there", counted, have)
	}
	if got := r.Refused("b"); got != 0 {
		t.Errorf("%d samples of an unknown metric are refused", got)
	}
}

// TestDeleteEqualsModel holds a registry in which random series are deleted equal to a map, whatever its limits.
func TestDeleteEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRegistry(folding(rapid.IntRange(2, 5).Draw(t, "per metric"), rapid.IntRange(4, 12).Draw(t, "total")))
		shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
		model := map[string]float64{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
			tag := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "tag"))
			series := fmt.Sprintf("%s{i=%q}", name, tag)
			if rapid.IntRange(0, 3).Draw(t, "step") == 0 {
				deleted := selected(r, func(f string, s *aggregate.Series) bool {
					other, _ := s.Labels().Get("i")
					return f == name && (other == tag || other == "")
				})
				if got := r.Delete(deleted); got != len(deleted) {
					t.Fatalf("%d series are deleted, want %d", got, len(deleted))
				}
				delete(model, series)
				delete(model, name+`{weir_overflow="true"}`)
			} else if got, _ := recordLine(shards[rapid.IntRange(0, 1).Draw(t, "shard")], name+":1|c|#i:"+tag); got == "" {
				if value(r, series) != model[series]+1 { // folded
					series = name + `{weir_overflow="true"}`
				}
				model[series]++
			}
			if counted, have := r.Places(); counted != have {
				t.Fatalf("%d places are counted, %d are there", counted, have)
			}
			if got := r.Stats().Series; got != len(model) {
				t.Fatalf("%d series, want %d", got, len(model))
			}
			for series, want := range model {
				if got := value(r, series); got != want {
					t.Fatalf("%s = %v, want %v", series, got, want)
				}
			}
		}
	})
}

// Series are deleted beside shards that write, and scrapes that read. In the end every sample is in a series that is
// there or was deleted.
func TestDeleteBesideWriters(t *testing.T) {
	r := newRegistry(usual)
	var writers, deleters sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		writers.Go(func() {
			s := r.NewShard()
			for i := range 20_000 {
				if got, err := recordLine(s, fmt.Sprintf("a:1|c|#i:%d", i%50)); got != "" || err != nil {
					t.Errorf("sample %d: %s %v", i, got, err)
				}
			}
		})
	}
	for range 2 {
		deleters.Go(func() {
			for {
				r.Delete(selected(r, anySeries))
				describe(r)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	deleters.Wait()
	r.Delete(selected(r, anySeries))
	if got := r.Stats(); got.Series != 0 || got.SeriesDeleted < 50 {
		t.Errorf("in the end %+v", got)
	}
	if counted, have := r.Places(); counted != 0 || have != 0 {
		t.Errorf("%d places are counted, %d are there", counted, have)
	}
}

// A deletion without a journal asks for a save.
func TestDeleteAsksForASave(t *testing.T) {
	r := newRegistry(usual)
	recordLine(r.NewShard(), "a:1|c")
	r.Delete(selected(r, anySeries))
	select {
	case <-r.JournalFull():
	default:
		t.Error("JournalFull has nothing")
	}
}

// What a registry tells of families and series.
func TestFamilyTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := running(t, func(o *aggregate.Options) {
			o.Rules = mustRules(t, "mappings: [{match: 'web.*', name: 'web_$1'}]")
			o.Timers.Observer = aggregate.ObserverNative
		})
		pass(2 * time.Second)
		start, s := r.Now(), r.NewShard()
		for line := range eachKind {
			recordLine(s, line)
		}
		for i := range 20 {
			recordLine(s, fmt.Sprintf("a.b:1|c|#user:u%d", i))
			recordLine(s, fmt.Sprintf("web.%d:1|c", i%2))
		}
		recordLine(s, "a_b:1|c")
		pass(30 * time.Second)
		recordLine(s, "a.b:1|c|#user:u7")
		kinds := map[string]string{}
		for _, f := range r.Snapshot().Families {
			kinds[f.Name()] = f.Kind()
			if got := f.Created().Unix(); got != start {
				t.Errorf("%s was created at %d, want %d", f.Name(), got, start)
			}
			wantSeen, wantNew, wantNames, wantRule := start, 1, []string{f.Name()}, 0
			switch f.Name() {
			case "a_b":
				wantSeen, wantNew, wantNames = start+30, 21, []string{"a.b", "a_b"}
			case "web_0", "web_1":
				wantNames, wantRule = nil, 1
			}
			if got := f.LastSeen().Unix(); got != wantSeen {
				t.Errorf("%s was last seen at %d, want %d", f.Name(), got, wantSeen)
			}
			if got := f.NewPerMinute(); got != wantNew {
				t.Errorf("%s has %d new series, want %d", f.Name(), got, wantNew)
			}
			if got := f.SentNames(); !slices.Equal(got, wantNames) {
				t.Errorf("%s was sent as %q, want %q", f.Name(), got, wantNames)
			}
			if rule := f.Rule(); (rule == nil) != (wantRule == 0) || rule != nil && (rule.Line != wantRule || rule.Match != "web.*") {
				t.Errorf("%s has the rule %+v", f.Name(), rule)
			}
			for _, s := range f.Series {
				want := start
				if s.Labels().Text() == `user="u7"` {
					want += 30
				}
				if got := s.LastSeen().Unix(); got != want {
					t.Errorf("%s%v was last seen at %d, want %d", f.Name(), s.Labels(), got, want)
				}
			}
		}
		for name, want := range map[string]string{"c": "counter", "g": "gauge", "h": "native", "s": "set", "t": "native"} {
			if kinds[name] != want {
				t.Errorf("%s is a %s, want %s", name, kinds[name], want)
			}
		}
		user, found := r.LabelGrowth("user")
		if !found || user.Values != 20 || user.Newest[0] != "u19" || r.LabelGrowthBytes() == 0 {
			t.Errorf("the label user: %+v, %v", user, found)
		}
	})
}
