package explore_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/mapping"
	"weir/expose/status/wire"
	"weir/internal/poll"
)

// TestSurveyEqualsModel holds Labels and TSDB equal to maps of everything.
func TestSurveyEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture(nil)
		names := rapid.SampledFrom([]string{"a", "b", "c"})
		for range rapid.IntRange(0, 40).Draw(t, "lines") {
			var tags []string
			for range rapid.IntRange(0, 3).Draw(t, "tags") {
				tags = append(tags, rapid.SampledFrom([]string{"x", "y", "host"}).Draw(t, "label")+":"+rapid.StringMatching(`["\\ab]{1,2}`).Draw(t, "value"))
			}
			f.record(t, names.Draw(t, "name")+":1|c|#"+strings.Join(tags, ","))
		}
		values, inFamily := map[string]map[string]int{"__name__": {}}, map[string]map[string]map[string]bool{}
		series := uint64(0)
		for _, family := range f.registry.Snapshot().Families {
			for _, s := range family.Series {
				series++
				values["__name__"][family.Name()]++
				for name, value := range s.Labels().All() {
					if values[name] == nil {
						values[name], inFamily[name] = map[string]int{}, map[string]map[string]bool{}
					}
					if inFamily[name][family.Name()] == nil {
						inFamily[name][family.Name()] = map[string]bool{}
					}
					values[name][value]++
					inFamily[name][family.Name()][value] = true
				}
			}
		}
		answer, err := f.Labels(wire.LabelsQuery{})
		if err != nil || answer.Total != len(inFamily) || len(answer.Labels) != len(inFamily) {
			t.Fatalf("%+v, %v, want %d labels", answer, err, len(inFamily))
		}
		for i, l := range answer.Labels {
			if l.Values != len(values[l.Name]) || l.FamiliesTotal != len(inFamily[l.Name]) || i > 0 && l.Values > answer.Labels[i-1].Values {
				t.Fatalf("%+v, want %d values in %d families", l, len(values[l.Name]), len(inFamily[l.Name]))
			}
			for _, x := range l.Families {
				if x.Values != len(inFamily[l.Name][x.Name]) {
					t.Fatalf("%s: %+v, want %d values", l.Name, x, len(inFamily[l.Name][x.Name]))
				}
			}
		}
		var counts, pairs []wire.Stat
		total := 0
		for name, all := range values {
			if len(all) > 0 {
				counts = append(counts, wire.Stat{Name: name, Value: uint64(len(all))})
			}
			total += len(all)
			for value, n := range all {
				pairs = append(pairs, wire.Stat{Name: name + "=" + value, Value: uint64(n)})
			}
		}
		got, _ := f.TSDB(1000)
		if got.HeadStats.NumSeries != series || got.HeadStats.NumLabelPairs != total {
			t.Fatalf("%+v, want %d series, %d pairs", got.HeadStats, series, total)
		}
		for what, lists := range map[string][2][]wire.Stat{
			"values": {counts, got.LabelValueCountByLabelName}, "pairs": {pairs, got.SeriesCountByLabelValuePair},
		} {
			slices.SortFunc(lists[0], byValue)
			if !slices.IsSortedFunc(lists[1], func(a, b wire.Stat) int { return cmp.Compare(b.Value, a.Value) }) {
				t.Fatalf("%s are in no order: %v", what, lists[1])
			}
			sorted := slices.SortedFunc(slices.Values(lists[1]), byValue)
			if !slices.Equal(lists[0], sorted) {
				t.Fatalf("%s: %v, want %v", what, sorted, lists[0])
			}
		}
	})
}

func byValue(a, b wire.Stat) int {
	return cmp.Or(cmp.Compare(b.Value, a.Value), strings.Compare(a.Name, b.Name))
}

// A label that explodes is first, with what it looks like, how fast it grows, how far the limit is, and
// what to do.
func TestExplodingLabel(t *testing.T) {
	f := newFixture(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 1000 })
	now := time.Unix(1_800_000_000, 0)
	for i := range 1100 {
		f.registry.Tick(now.Add(time.Duration(i/10) * time.Second))
		_ = f.shard.Record(sample(t, fmt.Sprintf("web:1|c|#user:u%d,host:h%d", i, i%3)))
	}
	f.record(t, "other:1|c|#user:u1,host:h1,zone:a")
	answer, err := f.Labels(wire.LabelsQuery{Limit: 2})
	if err != nil || answer.Total != 3 || len(answer.Labels) != 2 {
		t.Fatalf("%+v, %v", answer, err)
	}
	user := answer.Labels[0]
	if user.Name != "user" || user.Values != 1000 || user.FamiliesTotal != 2 || user.Families[0] != (wire.LabelFamily{Name: "web", Values: 1000, Series: 1000}) ||
		*user.Limit != (wire.LabelLimit{Kind: "max_series_per_metric", Most: 1000, Used: 1000}) ||
		user.Fix != "max_label_values: {user: 100}" || user.Newest[0] != "u999" && user.Newest[1] != "u999" || len(user.Newest) != 20 {
		t.Errorf("%+v", user)
	}
	if growth := *user.GrowthPerMinute; math.Abs(growth-490) > 160 {
		t.Errorf("it grows by %v a minute, want about 490", growth)
	}
	grown, err := f.Labels(wire.LabelsQuery{Sort: "growth", Limit: 1})
	if err != nil || grown.Labels[0].Name != "user" {
		t.Errorf("%+v, %v", grown, err)
	}
	_, err = f.Labels(wire.LabelsQuery{Sort: "name"})
	wantError(t, "a sort", err, wire.BadData, "sort is one of values, growth")
}

// The line to paste has the label as its key, whatever the label is called.
func TestFixIsYAML(t *testing.T) {
	f := newFixture(nil)
	names := []string{"user", "user_1", "_", "A1", "y", "yes", "No", "ON", "off", "null", "True"}
	for _, name := range names {
		f.record(t, "web:1|c|#"+name+":x")
	}
	answer, err := f.Labels(wire.LabelsQuery{Limit: 100})
	if err != nil || len(answer.Labels) != len(names) {
		t.Fatalf("%d labels of %d, %v", len(answer.Labels), len(names), err)
	}
	for i := range answer.Labels {
		l := &answer.Labels[i]
		var line struct {
			Most map[string]int `yaml:"max_label_values"`
		}
		err := yaml.Unmarshal([]byte(l.Fix), &line)
		if want := map[string]int{l.Name: 100}; err != nil || !maps.Equal(line.Most, want) {
			t.Errorf("%s reads as %v, %v, want %v", l.Fix, line.Most, err, want)
		}
	}
}

// The bytes of a label are as many as its distinct values have, also when several families have them.
func TestBytesOfLabels(t *testing.T) {
	f := newFixture(nil)
	f.record(t, "a:1|c|#host:aa", "a:1|c|#host:bb", "b:1|c|#host:aa", "b:1|c|#zone:west", "b:1|c|#zone:east")
	tsdb, err := f.TSDB(0)
	want := []wire.Stat{{Name: "zone", Value: 8}, {Name: "host", Value: 4}, {Name: "__name__", Value: 2}}
	if err != nil || !slices.Equal(tsdb.MemoryInBytesByLabelName, want) {
		t.Errorf("%v, %v, want %v", tsdb.MemoryInBytesByLabelName, err, want)
	}
}

// Where a rule caps a label, the cap is the limit that counts. What is said to paste is a rule that weir
// reads.
func TestCapIsTheLimit(t *testing.T) {
	rules, err := mapping.Parse("m.yml", []byte("defaults: {max_label_values: {user: 10}}\nmappings:\n- {match: w, name: w, max_label_values: {user: 5}}"))
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(func(o *aggregate.Options) { o.Rules = []*mapping.Rules{rules} })
	for i := range 4 {
		f.record(t, fmt.Sprintf("w:1|c|#user:u%d", i), fmt.Sprintf("v:1|c|#user:u%d,true:1", i%2))
	}
	answer, err := f.Labels(wire.LabelsQuery{})
	if err != nil || *answer.Labels[0].Limit != (wire.LabelLimit{Kind: "max_label_values", Most: 5, Used: 4}) {
		t.Fatalf("%+v, %v", answer, err)
	}
	for _, l := range answer.Labels {
		rules, err := mapping.Parse("m.yml", []byte("defaults:\n  "+l.Fix+"\nmappings: []\n"))
		if err != nil || rules.MaxLabelValues()[l.Name] != 100 {
			t.Errorf("%s: %v, %v", l.Fix, rules, err)
		}
	}
}

// The answer has the shape of Prometheus's, field by field: testdata/tsdb.json is what Prometheus 2.42.0
// says of itself.
func TestTSDBShape(t *testing.T) {
	prometheus, err := os.ReadFile("testdata/tsdb.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Data map[string]any }
	if err := json.Unmarshal(prometheus, &want); err != nil {
		t.Fatal(err)
	}
	shape := func(f *fixture) map[string]any {
		tsdb, err := f.TSDB(0)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(tsdb)
		if err != nil {
			t.Fatal(err)
		}
		var data map[string]any
		if err := json.Unmarshal(text, &data); err != nil {
			t.Fatal(err)
		}
		return data
	}
	f := newFixture(nil)
	empty := shape(f)
	for name, list := range empty {
		if all, isList := list.([]any); isList && len(all) != 0 || list == nil {
			t.Errorf("without series, %s = %v, want an empty list", name, list)
		}
	}
	f = newFixture(nil)
	for i := range 30 {
		f.record(t, fmt.Sprintf("m%d:1|c|#host:a,l%d:%d", i, i, i))
	}
	got := shape(f)
	if g, w := keys(got), keys(want.Data); g != w {
		t.Errorf("the fields are\n%s, Prometheus has\n%s", g, w)
	}
	for name, list := range got {
		if all, isList := list.([]any); isList && len(all) != 10 {
			t.Errorf("%s has %d items, want 10", name, len(all))
		}
	}
}

// keys returns the fields of a value of JSON with their types, of lists those of the first item.
func keys(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var all []string
		for name, field := range v {
			all = append(all, name+":"+keys(field))
		}
		slices.Sort(all)
		return "{" + strings.Join(all, ",") + "}"
	case []any:
		return "[" + keys(v[0]) + "]"
	default:
		return fmt.Sprintf("%T", v)
	}
}

// Known labels are there when a survey is, and nobody waits for that.
func TestKnownLabels(t *testing.T) {
	f := newFixture(nil)
	f.record(t, "a:1|c|#x:1,y:1", "a:1|c|#x:2,y:1")
	f.KnownLabels(1) // begins a survey
	poll.Within(t, 10*time.Second, func() error {
		if got := f.KnownLabels(1); len(got.Labels) != 1 || got.Labels[0].Name != "x" || got.Total != 2 {
			return fmt.Errorf("%+v", got)
		}
		return nil
	})
}
