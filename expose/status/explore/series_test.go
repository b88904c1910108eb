package explore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/expose/status/wire"
)

// TestSeriesEqualModel holds all pages of a selector equal to the series that match, in order, also for
// names and labels that a cursor has no room for, and when some series expire between two pages.
func TestSeriesEqualModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture(func(o *aggregate.Options) { o.Sanitize.NameMaxLength, o.Sanitize.LabelValueMaxLength = 1000, 1000 })
		names := rapid.SampledFrom([]string{"a", "b", "c", longName, longName + "x", longName + "y"})
		values := rapid.SampledFrom([]string{"1", "2", "3", "4", longName + "1", longName + "2", longName + "3"})
		for range rapid.IntRange(1, 40).Draw(t, "lines") {
			f.record(t, fmt.Sprintf("%s:1|c|#v:%s", names.Draw(t, "name"), values.Draw(t, "value")))
		}
		q := wire.SeriesQuery{
			Match:  rapid.SampledFrom([]string{`{v!=""}`, `{v=~"[12]"}`, `{v=~"long.*"}`, "a", `{__name__=~"[bc]|long.*",v!="3"}`, "none"}).Draw(t, "match"),
			Family: rapid.SampledFrom([]string{"", "", "", "b"}).Draw(t, "family"),
			Limit:  rapid.IntRange(1, 5).Draw(t, "limit"),
		}
		var want []string
		for _, family := range f.registry.Snapshot().Families {
			for _, s := range family.Series {
				value, _ := s.Labels().Get("v")
				isLong := strings.HasPrefix(value, "long")
				is := map[string]bool{
					`{v!=""}`: true, `{v=~"[12]"}`: value == "1" || value == "2", `{v=~"long.*"}`: isLong, "a": family.Name() == "a",
					`{__name__=~"[bc]|long.*",v!="3"}`: family.Name() != "a" && value != "3",
				}[q.Match]
				if is && (q.Family == "" || q.Family == family.Name()) {
					want = append(want, family.Name()+s.Labels().String())
				}
			}
		}
		var got []string
		for range len(want) + 2 {
			answer, err := f.Series(q)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range answer.Series {
				got = append(got, s.Series)
			}
			if q.After = answer.Next; q.After == "" {
				break
			}
			if rapid.Bool().Draw(t, "delete") && len(got) > 0 { // what the cursor says is gone
				last := got[len(got)-1]
				for _, family := range f.registry.Snapshot().Families {
					for _, s := range family.Series {
						if family.Name()+s.Labels().String() == last && len(last) < 200 {
							f.registry.Delete([]*aggregate.Series{s})
						}
					}
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: got\n%q\nwant\n%q", q.Match, got, want)
		}
	})
}

// An answer looks at a bounded number of series; the pages together have all.
func TestSeriesAreVisitedInTurns(t *testing.T) {
	f := newFixture(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 1 << 20 })
	for i := range 250_000 {
		f.record(t, fmt.Sprintf("a%d:1|c|#i:%d", i%7, i))
	}
	q, pages, found := wire.SeriesQuery{Match: `{i=~"249998|3|9"}`}, 0, 0
	for {
		answer, err := f.Series(q)
		if err != nil || pages > 10 {
			t.Fatal(pages, err)
		}
		pages, found = pages+1, found+len(answer.Series)
		if q.After = answer.Next; q.After == "" {
			break
		}
	}
	if pages < 3 || found != 3 {
		t.Errorf("%d series on %d pages, want 3 on 3 at least", found, pages)
	}
	if answer, err := f.Series(wire.SeriesQuery{Match: `a3{i="3"}`}); err != nil || answer.Next != "" || len(answer.Series) != 1 {
		t.Errorf("a selector with a name looks at one family: %+v, %v", answer, err)
	}
}

func TestSeriesRefuse(t *testing.T) {
	f := newFixture(nil)
	_, err := f.Series(wire.SeriesQuery{Match: "a{"})
	wantError(t, "a selector", err, wire.BadData, `match: series selector "a{", at byte 2: want a quoted text`)
	_, err = f.Series(wire.SeriesQuery{})
	wantError(t, "no selector", err, wire.BadData, `match: series selector "", at byte 0: want a name or "{"`)
	if answer, err := f.Series(wire.SeriesQuery{Family: "none"}); err != nil || len(answer.Series) != 0 || answer.Series == nil {
		t.Errorf("an unknown family: %+v, %v", answer, err)
	}
	_, err = f.Series(wire.SeriesQuery{Match: "a", After: "x"})
	wantError(t, "a cursor", err, wire.BadData, "after is no cursor of this list: leave it out for the first page")
}

// All selectors must be right before anything is deleted.
func TestDelete(t *testing.T) {
	f := newFixture(nil)
	f.record(t, "a:1|c|#i:1", "a:1|c|#i:2", "b:1|g", "c:1|ms")
	_, err := f.Delete(wire.DeleteQuery{Match: []string{"a", "b{"}})
	wantError(t, "a selector", err, wire.BadData, `match: series selector "b{", at byte 2: want a quoted text`)
	_, err = f.Delete(wire.DeleteQuery{})
	wantError(t, "no selector", err, wire.BadData, `match is missing: it selects the series, as in match=hits{user="7"}`)
	if got := f.registry.Stats().Series; got != 4 {
		t.Fatalf("%d series are left, want all", got)
	}
	if got, err := f.Delete(wire.DeleteQuery{Match: []string{`{i="1"}`, "b", `a{i="1"}`}}); err != nil || got.Deleted != 2 {
		t.Errorf("%+v, %v, want 2 deleted", got, err)
	}
	if got, err := f.Series(wire.SeriesQuery{Match: `{__name__=~".+"}`}); err != nil || len(got.Series) != 2 || got.Series[0].Series != `a{i="2"}` || got.Series[1].Series != "c" {
		t.Errorf("%+v, %v, want a{i=2} and c", got, err)
	}
}
