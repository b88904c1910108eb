package explore_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"weir/aggregate"
	"weir/aggregate/mapping"
	"weir/aggregate/state"
	"weir/expose/format"
	"weir/expose/format/formattest"
	"weir/expose/status/wire"
)

// everyKind has lines of every kind, with names and values that somebody chose to do harm.
var everyKind = []string{
	"hits_total:1|c|#a:<img src=x onerror=alert(1)>", "hits_total:2|c|#a:b", "plain.counter:3|c|#x:\x1b[31mred",
	"depth:-1.5|g", "depth:7|g|#rtl:\u202eevil", "req.time:12|ms|#code:200", "req.time:1200|ms|#code:500", "size:5|h", "size:-5|d",
	"users:ann|s", "users:bob|s", "meter:1|m", "größe:1|c|#ключ:знач", "quo\"te:1|c|#v:a\"b\\c", "_sc|db|1|#a:b",
}

// What a family exposes is, line for line, what a scrape says, in every format and for every kind of series.
func TestExposedIsWhatAScrapeSays(t *testing.T) {
	for _, observer := range []string{aggregate.ObserverHistogram, aggregate.ObserverNative, aggregate.ObserverBoth, aggregate.ObserverSummary} {
		for _, names := range []string{aggregate.NamesLegacy, aggregate.NamesUTF8} {
			f := newFixture(func(o *aggregate.Options) { o.Timers.Observer, o.Sanitize.Names = observer, names })
			f.record(t, everyKind...)
			for i, name := range wire.Formats {
				var exposed strings.Builder
				list, err := f.Families(wire.FamiliesQuery{})
				if err != nil {
					t.Fatal(err)
				}
				for _, family := range list.Families {
					detail, err := f.Family(wire.FamilyQuery{Name: family.Name, Format: name})
					if err != nil || len(detail.Series) != family.Series || detail.Next != "" || detail.ExposedTruncated || len(detail.PromQL) == 0 {
						t.Fatalf("%+v, %v", detail, err)
					}
					exposed.WriteString(detail.Exposed)
				}
				form := []format.Format{format.Text, format.OpenMetrics, format.Protobuf}[i]
				scrape := formattest.Exposition{Format: form, HasCreated: true}.Encode(f.registry)
				if form != format.Protobuf {
					if want := strings.TrimSuffix(string(scrape), "# EOF\n"); exposed.String() != want {
						t.Errorf("%s, %s: exposed\n%s\nwant\n%s", observer, name, exposed.String(), want)
					}
					continue
				}
				for _, family := range formattest.Decode(t, bytes.NewReader(scrape)) {
					detail, err := f.Family(wire.FamilyQuery{Name: family.GetName(), Format: name})
					got := &dto.MetricFamily{}
					if err := prototext.Unmarshal([]byte(detail.Exposed), got); err != nil {
						t.Fatal(err)
					}
					if err != nil || !proto.Equal(got, family) {
						t.Errorf("%s: exposed\n%v\nwant\n%v", observer, got, family)
					}
				}
			}
		}
	}
}

// The values of rows are those of the lines.
func TestSeriesRows(t *testing.T) {
	f := newFixture(func(o *aggregate.Options) { o.Timers.Observer = aggregate.ObserverSummary })
	f.record(t, everyKind...)
	row := func(name string) wire.Series {
		t.Helper()
		detail, err := f.Family(wire.FamilyQuery{Name: name})
		if err != nil || len(detail.Series) == 0 {
			t.Fatalf("%s: %+v, %v", name, detail, err)
		}
		return detail.Series[0]
	}
	hits := row("hits_total")
	if *hits.Value != "1" || hits.Count != nil || hits.Labels["a"] != "<img src=x onerror=alert(1)>" || hits.ShowingZero || hits.SamplesPerSecond != nil ||
		hits.Series != `hits_total{a="<img src=x onerror=alert(1)>"}` || hits.Family != "hits_total" || *hits.CreatedAt < 1e9 {
		t.Errorf("%+v", hits)
	}
	if depth := row("depth"); *depth.Value != "-1.5" || len(depth.Labels) != 0 || depth.Series != "depth" {
		t.Errorf("%+v", depth)
	}
	if time := row("req_time"); time.Value != nil || *time.Count != 1 || *time.Sum != "0.012" || time.Quantiles["0.5"][:5] != "0.011" && time.Quantiles["0.5"][:4] != "0.01" {
		t.Errorf("%+v", time)
	}
	f = newFixture(nil)
	f.record(t, everyKind...)
	if size := row("size"); size.Value != nil || *size.Count != 2 || *size.Sum != "0" {
		t.Errorf("%+v", size)
	}
	f.record(t, "inf:+Inf|g")
	if inf := row("inf"); *inf.Value != "+Inf" {
		t.Errorf("%+v", inf)
	}
}

// A look changes nothing: what is created as zero is shown as zero until a scrape was served.
func TestLookingChangesNothing(t *testing.T) {
	f := newFixture(func(o *aggregate.Options) { o.Series.CounterBirth, o.Series.Hold = aggregate.BirthZero, 0 })
	f.record(t, "a:5|c")
	for range 2 {
		detail, err := f.Family(wire.FamilyQuery{Name: "a"})
		if err != nil || *detail.Series[0].Value != "0" || !detail.Series[0].ShowingZero || !strings.HasSuffix(detail.Exposed, "a 0\n") {
			t.Fatalf("%+v, %v, want 0", detail, err)
		}
	}
	f.registry.Snapshot().Served()
	if detail, err := f.Family(wire.FamilyQuery{Name: "a"}); err != nil || *detail.Series[0].Value != "5" || detail.Series[0].ShowingZero {
		t.Errorf("%+v, %v, want 5", detail, err)
	}
}

// What was shown comes back after a kill: it is in the journal before it is returned.
func TestWhatIsShownIsJournaled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	for i := range 3 {
		f := newFixture(nil)
		keeper := state.New(state.Options{Path: path, JournalMaxBytes: 1 << 20}, f.registry)
		restored, err := keeper.Load()
		if err != nil || restored.Reset > 0 {
			t.Fatal(restored, err)
		}
		if _, err := keeper.Save(); err != nil {
			t.Fatal(err)
		}
		f.record(t, "a:1|c", "b:1|c")
		detail, err := f.Family(wire.FamilyQuery{Name: "a"})
		list, listErr := f.Series(wire.SeriesQuery{Match: "b"})
		if want := fmt.Sprint(i + 1); err != nil || listErr != nil || *detail.Series[0].Value != want || *list.Series[0].Value != want {
			t.Fatalf("%+v, %+v, want %s", detail.Series, list.Series, want)
		}
		f.registry.SetJournal(nil) // a kill
		if err := keeper.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The series that samples come to most often are first, on all pages.
func TestMostActiveFirst(t *testing.T) {
	f := newFixture(nil)
	known := rates{"a": 10}
	for i := range 25 {
		f.record(t, fmt.Sprintf("a:1|c|#i:%02d", i))
		if i%2 == 0 {
			known[fmt.Sprintf(`a{i="%02d"}`, i)] = float64(i % 5)
		}
	}
	read := func(q wire.FamilyQuery) (got []string) {
		t.Helper()
		for q.Name, q.Limit = "a", 4; ; {
			detail, err := f.Family(q)
			if err != nil || len(got) > 25 {
				t.Fatal(err, got)
			}
			for _, s := range detail.Series {
				got = append(got, s.Labels["i"])
			}
			if q.After = detail.Next; q.After == "" {
				return got
			}
		}
	}
	var want []string
	for i := range 25 {
		want = append(want, fmt.Sprintf("%02d", i))
	}
	if got := read(wire.FamilyQuery{}); !slices.Equal(got, want) {
		t.Errorf("without rates: %q", got)
	}
	first, err := f.Family(wire.FamilyQuery{Name: "a", Limit: 4})
	if err != nil {
		t.Fatal(err)
	}
	f.rates = known
	rate := func(i string) float64 {
		if r, found := known[`a{i="`+i+`"}`]; found {
			return r
		}
		return -1
	}
	if got := read(wire.FamilyQuery{After: first.Next}); !slices.Equal(got, want[4:]) {
		t.Errorf("a list that began without rates goes on with %q", got)
	}
	slices.SortStableFunc(want, func(a, b string) int { return int(rate(b)) - int(rate(a)) })
	if got := read(wire.FamilyQuery{}); !slices.Equal(got, want) {
		t.Errorf("with rates: %q, want %q", got, want)
	}
	detail, err := f.Family(wire.FamilyQuery{Name: "a", Limit: 2})
	if err != nil || *detail.Series[0].SamplesPerSecond != 4 || !strings.Contains(detail.Exposed, "a{i=\"04\"} 1\na{i=\"14\"} 1\n") {
		t.Errorf("%+v, %v", detail, err)
	}
}

// Lines that are too many are cut after a whole line.
func TestExposedIsBounded(t *testing.T) {
	f := newFixture(nil)
	for i := range 1000 {
		f.record(t, fmt.Sprintf("a:1|c|#i:%d%s", i, strings.Repeat("x", 100)))
	}
	for _, name := range wire.Formats {
		detail, err := f.Family(wire.FamilyQuery{Name: "a", Format: name, Limit: 1000})
		if err != nil || !detail.ExposedTruncated || len(detail.Exposed) > 64<<10 || len(detail.Exposed) < 60<<10 ||
			!strings.HasSuffix(detail.Exposed, "\n") || len(detail.Series) != 1000 {
			t.Errorf("%s: %d bytes, %d series, %v", name, len(detail.Exposed), len(detail.Series), err)
		}
	}
}

// Why a family is called so, in words.
func TestWhy(t *testing.T) {
	rules, err := mapping.Parse("m.yml", []byte("mappings:\n- {match: 'web.*', name: 'web_$1'}\n- {match: s, name: s, observer_type: summary}"))
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(func(o *aggregate.Options) {
		o.Rules, o.Limits.MaxSeriesPerMetric = []*mapping.Rules{rules}, 1
		o.Timers.Buckets = []float64{1, 2}
	})
	f.record(t, "web.x:1|c", "a.b:1|h", "a_b:1|h", "s:1|h", "u:x|s", "bad\xff:1|c")
	_, _ = f.registry.LabelGrowth("none")
	for name, want := range map[string]string{
		"web_x": "rule m.yml:2 web.* matched: name web_x",
		"a_b": "sent as a.b; sent as a_b, too: both are a_b; no mapping rule matched; " +
			"a histogram with 3 classic buckets",
		"s":    "rule m.yml:3 s matched: name s; a summary with the quantiles [0.5 0.9 0.99]",
		"u":    "sent as u; no mapping rule matched; a set: the gauge is the number of distinct members in the window",
		"bad_": `sent as bad\xff; no mapping rule matched`,
	} {
		detail, err := f.Family(wire.FamilyQuery{Name: name})
		if got := strings.Join(detail.Why, "; "); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
}
