package explore_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/aggregate"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
)

// Whatever senders write, an answer has a bounded size, and pages together have all series.
func TestFatSeriesMakeSmallPages(t *testing.T) {
	const series = 1000
	f := newFixture(nil)
	var tags strings.Builder
	for i := range 30 {
		fmt.Fprintf(&tags, ",k%d:%s", i, strings.Repeat("<", 120)) // JSON writes six bytes for each
	}
	for i := range series {
		f.record(t, fmt.Sprintf("fat:1|ms|#i:%d%s", i, tags.String()))
	}
	check := func(what string, answer any) {
		t.Helper()
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 5<<20 {
			t.Errorf("%s: an answer of %d bytes", what, len(text))
		}
	}
	found := 0
	for q := (wire.SeriesQuery{Match: "fat", Limit: series}); ; {
		answer, err := f.Series(q)
		if err != nil || len(answer.Series) == 0 {
			t.Fatalf("%v after %d series", err, found)
		}
		check("series", answer)
		found += len(answer.Series)
		if q.After = answer.Next; q.After == "" {
			break
		}
	}
	if found != series {
		t.Errorf("found %d series", found)
	}
	for _, rated := range []explore.Rates{nil, rates{"fat": 3}} {
		f.rates = rated
		found := make(map[string]bool)
		for q := (wire.FamilyQuery{Name: "fat", Limit: series}); ; {
			answer, err := f.Family(q)
			if err != nil || len(answer.Series) == 0 || !answer.ExposedTruncated {
				t.Fatalf("%v after %d series", err, len(found))
			}
			check("family", answer)
			for _, s := range answer.Series {
				found[s.Series] = true
			}
			if q.After = answer.Next; q.After == "" {
				break
			}
		}
		if len(found) != series {
			t.Errorf("with the rates %v: found %d series", rated, len(found))
		}
	}
}

// A regular expression that takes long for each series makes short pages, not long answers.
func TestSlowExpressionsMakeShortPages(t *testing.T) {
	f := newFixture(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 1 << 20 })
	for i := range 20_000 {
		f.record(t, fmt.Sprintf("a:1|c|#i:%s%d", strings.Repeat("a", 110), i))
	}
	q := wire.SeriesQuery{Match: `{i=~"((a{0,40}){0,20})b"}`}
	began := time.Now()
	answer, err := f.Series(q)
	took := time.Since(began)
	if err != nil || answer.Next == "" || len(answer.Series) != 0 {
		t.Fatalf("%v %d %q", err, len(answer.Series), answer.Next)
	}
	if took > 3*time.Second {
		t.Errorf("an answer took %v", took)
	}
	q.After = answer.Next
	if answer, err := f.Series(q); err != nil || answer.Next == q.After {
		t.Errorf("the next page begins where the one before began: %v", err)
	}
}
