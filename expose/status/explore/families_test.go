package explore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
)

// longName is longer than a cursor has room for.
var longName = strings.Repeat("long.", 60)

// TestFamiliesEqualSort holds all pages of a list, one after the other, equal to a sorted list of everything,
// whatever it is sorted by, for names that a cursor has no room for too.
func TestFamiliesEqualSort(t *testing.T) {
	names := rapid.OneOf(rapid.StringMatching(`[a-cA-C]{1,3}`), rapid.Custom(func(t *rapid.T) string {
		return longName + rapid.StringMatching(`[a-d]{0,2}`).Draw(t, "end")
	}))
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture(func(o *aggregate.Options) { o.Sanitize.NameMaxLength = 1000 })
		known := rates{}
		for _, name := range rapid.SliceOfN(names, 0, 25).Draw(t, "names") {
			for i := range rapid.IntRange(1, 3).Draw(t, "series") {
				f.record(t, fmt.Sprintf("%s:1|c|#i:%d", name, i))
			}
			if rapid.Bool().Draw(t, "known") {
				known[strings.ReplaceAll(name, ".", "_")] = float64(rapid.IntRange(0, 3).Draw(t, "rate"))
			}
		}
		if rapid.Bool().Draw(t, "rates") {
			f.rates = known
		}
		q := wire.FamiliesQuery{
			Sort:  rapid.SampledFrom(wire.FamilySorts).Draw(t, "sort"),
			Match: rapid.SampledFrom([]string{"", "", "a", "A*", "*b", "long", "?"}).Draw(t, "match"),
			Limit: rapid.IntRange(1, 7).Draw(t, "limit"),
		}
		all, err := f.Families(wire.FamiliesQuery{Limit: wire.MaxLimit})
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(all.Families, func(x wire.Family) bool { return !matches(q.Match, x.Name) })
		slices.SortStableFunc(want, func(a, b wire.Family) int { return compareKeys(q.Sort, &b, &a) })
		got := []wire.Family{}
		for q.After == "" || len(got) <= len(want) {
			answer, err := f.Families(q)
			if err != nil {
				t.Fatal(err)
			}
			if answer.Total != len(want) {
				t.Fatalf("%d families in all, want %d", answer.Total, len(want))
			}
			got = append(got, answer.Families...)
			if q.After = answer.Next; q.After == "" {
				break
			}
			if len(answer.Families) != q.Limit || len(q.After) > 2000 {
				t.Fatalf("%d families and the cursor %q, want %d", len(answer.Families), q.After, q.Limit)
			}
		}
		isLong := func(f wire.Family) bool { return len(f.Name) > 256 } // of one key, they are in any order
		byName := func(a, b wire.Family) int { return strings.Compare(a.Name, b.Name) }
		if d := cmp.Diff(slices.DeleteFunc(slices.Clone(want), isLong), slices.DeleteFunc(slices.Clone(got), isLong)); d != "" {
			t.Fatalf("sorted-, pages+:\n%s", d)
		}
		slices.SortFunc(want, byName)
		slices.SortFunc(got, byName)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("all-, pages+:\n%s", d)
		}
	})
}

func matches(match, name string) bool {
	name, match = strings.ToLower(name), strings.ToLower(match)
	switch match {
	case "a*":
		return strings.HasPrefix(name, "a")
	case "*b":
		return strings.HasSuffix(name, "b")
	case "?":
		return len(name) == 1
	default:
		return strings.Contains(name, match)
	}
}

func compareKeys(sort string, a, b *wire.Family) int {
	key := func(f *wire.Family) float64 {
		switch {
		case sort == wire.SortSeries:
			return float64(f.Series)
		case sort == wire.SortBytes:
			return float64(f.ExposedBytes)
		case sort == wire.SortNew:
			return float64(f.NewPerMinute)
		case sort == wire.SortName:
			return 0
		case f.SamplesPerSecond == nil:
			return -1
		default:
			return *f.SamplesPerSecond
		}
	}
	return int(key(a)) - int(key(b))
}

// Everything that is known of a family.
func TestFamilyRow(t *testing.T) {
	f := newFixture(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2 })
	now := time.Unix(1_800_000_000, 0)
	f.registry.Tick(now)
	f.record(t, "web.hits:1|c|#a:b", "web_hits:1|c|#a:c", "depth:1|g")
	f.registry.Tick(now.Add(10 * time.Second))
	f.rates = rates{"web_hits": 30, "other": 70}
	answer, err := f.Families(wire.FamiliesQuery{Match: "WEB.HI"}) // as it was sent
	if err != nil || len(answer.Families) != 1 || answer.Total != 1 || !answer.Estimated || answer.Sample != "1 in 10 lines" {
		t.Fatalf("%+v, %v, want web_hits", answer, err)
	}
	seen := float64(f.registry.Now() - 10)
	php := wire.FamilySender{Name: "php"}
	want := wire.Family{
		Name: "web_hits", Type: "counter", Kind: "counter", Help: "StatsD counter.", Series: 2,
		SamplesPerSecond: new(30.0), Share: new(.3), LastSeenAt: &seen, CreatedAt: &seen,
		ExposedBytes: answer.Families[0].ExposedBytes, NewPerMinute: 2, History: []float64{1, 30},
		Senders: []wire.FamilySender{php, php, php, php, php}, SendersMore: 4,
		Names: []string{"web.hits", "web_hits"}, Limit: 2,
	}
	if d := cmp.Diff(want, answer.Families[0]); d != "" {
		t.Errorf("want-, got+:\n%s", d)
	}
	if text := len("# HELP web_hits StatsD counter.\n# TYPE web_hits counter\n") + 2*len("web_hits{a=\"b\"} 1\n"); want.ExposedBytes < text/2 || want.ExposedBytes > 2*text {
		t.Errorf("%d bytes, want about %d", want.ExposedBytes, text)
	}
	f.rates = nil
	answer, err = f.Families(wire.FamiliesQuery{Type: "gauge"})
	if err != nil || len(answer.Families) != 1 || answer.Families[0].Name != "depth" || answer.Estimated || answer.Families[0].SamplesPerSecond != nil {
		t.Errorf("%+v, %v, want depth without a rate", answer, err)
	}
}

// weir's own families are in a list only when they are asked for.
func TestOwnFamilies(t *testing.T) {
	f := newFixture(nil)
	f.record(t, "a:1|c", "z:1|c")
	typ := dto.MetricType_GAUGE
	e := explore.New(explore.Source{Registry: f.registry, Self: func() []*dto.MetricFamily {
		return []*dto.MetricFamily{{
			Name: new("weir_series"), Help: new("How many."), Type: &typ,
			Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(2.0)}, Label: []*dto.LabelPair{{Name: new("a"), Value: new("b\"")}}}},
		}}
	}})
	for own, want := range map[bool]string{false: "a z", true: "a weir_series z"} {
		answer, err := e.Families(wire.FamiliesQuery{HasOwn: own})
		var got []string
		for _, x := range answer.Families {
			got = append(got, x.Name)
		}
		if err != nil || strings.Join(got, " ") != want || answer.Total != len(got) {
			t.Errorf("own %v: %q of %d, %v, want %s", own, got, answer.Total, err, want)
		}
	}
	for _, sort := range wire.FamilySorts {
		if answer, err := e.Families(wire.FamiliesQuery{HasOwn: true, Sort: sort}); err != nil || answer.Total != 3 {
			t.Errorf("by %s: %+v, %v", sort, answer, err)
		}
	}
	got, err := e.Family(wire.FamilyQuery{Name: "weir_series"})
	const exposed = "# HELP weir_series How many.\n# TYPE weir_series gauge\nweir_series{a=\"b\\\"\"} 2\n"
	if err != nil || got.Exposed != exposed || got.Family.Type != "gauge" || len(got.Series) != 1 ||
		*got.Series[0].Value != "2" || got.Series[0].Series != `weir_series{a="b\""}` || got.Series[0].Labels["a"] != `b"` {
		t.Errorf("%+v, %v, want\n%s", got, err, exposed)
	}
}

func TestFamiliesRefuse(t *testing.T) {
	f := newFixture(nil)
	f.record(t, "a:1|c", "b:1|c")
	f.rates = rates{"a": 1}
	_, err := f.Families(wire.FamiliesQuery{Sort: "age"})
	wantError(t, "a sort", err, wire.BadData, "sort is one of name, rate, series, bytes, new")
	_, err = f.Families(wire.FamiliesQuery{Type: "timer"})
	wantError(t, "a type", err, wire.BadData, "type is one of counter, gauge, histogram, summary, native, set, check")
	page, err := f.Families(wire.FamiliesQuery{Limit: 1})
	if err != nil || page.Next == "" {
		t.Fatal(page, err)
	}
	for _, after := range []string{"x", "e30", page.Next + "x"} {
		_, err = f.Families(wire.FamiliesQuery{After: after})
		wantError(t, "the cursor "+after, err, wire.BadData, "after is no cursor of this list: leave it out for the first page")
	}
	_, err = f.Families(wire.FamiliesQuery{After: page.Next, Sort: "series"})
	wantError(t, "a cursor of another list", err, wire.BadData, "after is no cursor of this list: leave it out for the first page")
	_, err = f.Family(wire.FamilyQuery{Name: "c\xff"})
	wantError(t, "a name", err, wire.NotFound, `there is no metric c\xff: no line of that name came, or its series have expired`)
	_, err = f.Family(wire.FamilyQuery{Name: "a", Format: "json"})
	wantError(t, "a format", err, wire.BadData, "format is one of text, openmetrics, protobuf")
}
