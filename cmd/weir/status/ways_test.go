package status_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/cmd/weir/status"
	"weir/config"
	"weir/expose"
	"weir/expose/format/formattest"
	"weir/expose/status/wire"
	"weir/ingest"
	"weir/protocol"
)

func writeFile(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// load writes a configuration with the rules, and loads it.
func load(t *testing.T) (c *config.Config, folder string) {
	t.Helper()
	folder = t.TempDir()
	writeFile(t, filepath.Join(folder, "mapping.yml"), rules)
	path := writeFile(t, filepath.Join(folder, "weir.yaml"), "mapping: {file: mapping.yml}\ncache: {ttl: 2s}\n")
	c, err := config.Load(config.Sources{File: path})
	if err != nil {
		t.Fatal(err)
	}
	return c, folder
}

const rules = "mappings:\n- {match: a.*, name: a, labels: {n: $1}}\n- {match: never, name: never}\n- {match: no.*, name: n, action: drop}\n"

func TestConfig(t *testing.T) {
	c, folder := load(t)
	got := status.Config(c)
	if len(got.Files) != 2 || got.ChangedOnDisk || status.HasChanged(c) || got.Notes == nil {
		t.Errorf("%+v", got)
	}
	for _, s := range got.Settings {
		if s.Key == "cache.ttl" && (s.Value != "2s" || s.Default != "1s" || s.Source != "file" || s.Place != folder+"/weir.yaml:2") {
			t.Errorf("%+v", s)
		}
	}
	writeFile(t, filepath.Join(folder, "mapping.yml"), rules+"# changed\n")
	if got := status.Config(c); !got.ChangedOnDisk || !status.HasChanged(c) || !got.Files[0].Changed || got.Files[1].Changed {
		t.Errorf("%+v", got.Files)
	}
	if err := os.Remove(filepath.Join(folder, "mapping.yml")); err != nil {
		t.Fatal(err)
	}
	if f := status.Config(c).Files[0]; f.Error != "no such file or directory" || !f.Changed {
		t.Errorf("%+v", f)
	}
}

func TestRules(t *testing.T) {
	c, folder := load(t)
	r := aggregate.New(c.Aggregate)
	formattest.Record(t, r.NewShard(), "a.x:1|c", "a.x:1|c", "a.y:1|c", "b.c:1|g", "b.c:1|g|#k:1", "z:1|g")
	got := status.Rules(r, nil)
	if got.Total != 3 || got.Rules[0].Hits != 2 || got.Rules[0].LastHitAt == nil || got.Rules[1].Hits != 0 ||
		got.Rules[1].LastHitAt != nil || got.Rules[2].Action != "drop" || got.Since == 0 {
		t.Errorf("%+v", got)
	}
	if x := got.Rules[0]; x.File != folder+"/mapping.yml" || x.Line != 2 || x.Match != "a.*" || x.MatchType != "glob" || x.Name != "a" || x.SamplesPerSecond != nil {
		t.Errorf("%+v", x)
	}
	want := []wire.Unmapped{{Name: "b.c", Family: "b_c", Series: 2}, {Name: "z", Family: "z", Series: 1}}
	if got.UnmappedTotal != 2 || fmt.Sprint(got.Unmapped) != fmt.Sprint(want) {
		t.Errorf("unmapped are %+v", got.Unmapped)
	}
}

// A family that a rule named later is mapped.
func TestRulesOfSharedFamily(t *testing.T) {
	c, _ := load(t)
	r := aggregate.New(c.Aggregate)
	formattest.Record(t, r.NewShard(), "a:1|c", "a.x:1|c")
	if got := status.Rules(r, nil); got.UnmappedTotal != 0 || len(got.Unmapped) != 0 {
		t.Errorf("unmapped are %+v", got.Unmapped)
	}
}

// Of many names that no rule matched, those with most series are shown. Without rules none is.
func TestRulesAreBounded(t *testing.T) {
	c, _ := load(t)
	r, none := aggregate.New(c.Aggregate), aggregate.New(aggregate.DefaultOptions())
	for i := range 1000 {
		lines := []string{fmt.Sprintf("name%d:1|c", i)}
		if i >= 950 {
			lines = append(lines, fmt.Sprintf("name%d:1|c|#k:1", i))
		}
		formattest.Record(t, r.NewShard(), lines...)
	}
	formattest.Record(t, none.NewShard(), "a.b:1|c")
	got := status.Rules(r, nil)
	if got.UnmappedTotal != 1000 || len(got.Unmapped) != 100 || got.Unmapped[49].Series != 2 || got.Unmapped[50].Series != 1 {
		t.Errorf("%d of %d: %+v", len(got.Unmapped), got.UnmappedTotal, got.Unmapped)
	}
	if got := status.Rules(none, nil); got.Total != 0 || got.UnmappedTotal != 0 || got.Unmapped == nil || got.Rules == nil {
		t.Errorf("without rules: %+v", got)
	}
}

func TestExplain(t *testing.T) {
	c, _ := load(t)
	r := aggregate.New(c.Aggregate)
	formattest.Record(t, r.NewShard(), "b:1|g")
	got, err := status.Explain("a.x:1|c\nb:1|c\nweir_x:1|c\nbad", c, r, []string{"weir_x"})
	if err != nil || len(got.Lines) != 4 {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, want := range []string{"", "type_conflict", "reserved_name", "malformed_line"} {
		var line explain.Line
		if err := json.Unmarshal(got.Lines[i], &line); err != nil {
			t.Fatal(err)
		}
		if s := line.Samples[0]; s.Rejected != want || s.IsNew != (i == 0) {
			t.Errorf("%s", got.Lines[i])
		}
	}
	_, err = status.Explain(strings.Repeat("a:1|c\n", 101), c, r, nil)
	if found, ok := errors.AsType[*wire.Error](err); !ok || found.Type != wire.BadData {
		t.Errorf("a hundred and one lines: %v", err)
	}
	fat := "a:1" + strings.Repeat(":1", 1000) + "|c|#" + strings.Repeat("tag:value,", 500) // 8 MB, if all were explained
	_, err = status.Explain(fat, c, r, nil)
	if found, ok := errors.AsType[*wire.Error](err); !ok || found.Type != wire.BadData {
		t.Errorf("a thousand values with long tags: %v", err)
	}
	if got, err := status.Explain("a:1"+strings.Repeat(":1", 500)+"|c", c, r, nil); err != nil || len(got.Lines) != 1 {
		t.Errorf("five hundred values: %v", err)
	}
	if got, err := status.Explain("", c, r, nil); err != nil || got.Lines == nil {
		t.Errorf("no line: %+v, %v", got, err)
	}
}

// What a client says of itself is hostile.
func TestScrapers(t *testing.T) {
	now := time.Now()
	all := []expose.Scraper{
		{
			Peer: netip.MustParseAddr("10.0.0.7"), UserAgent: "<b>\xff\x1b[2J", Format: "protobuf", IsGzip: true, Scrapes: 3,
			Last: now, Interval: 15 * time.Second, Duration: time.Second, SizeBytes: 10, BodyBytes: 5, Pages: 4, PagesReused: 3,
		},
		{Peer: netip.MustParseAddr("::1"), Format: "text", Scrapes: 2, Last: now, Duration: 3 * time.Second, Pages: 4, PagesReused: 1, Late: 2},
	}
	got := status.Scrapers(all)
	first, second := got.Scrapers[0], got.Scrapers[1]
	if first.UserAgent != "<b>\\xff\x1b[2J" || first.Encoding != "gzip" || *first.IntervalSeconds != 15 || first.BodyBytes != 5 || first.Peer != "10.0.0.7" {
		t.Errorf("%+v", first)
	}
	if second.Encoding != "identity" || second.IntervalSeconds != nil || second.Peer != "::1" || second.Late != 2 || got.Pushes == nil {
		t.Errorf("%+v", second)
	}
	p := newParts(nothing)
	p.scrapers = all
	s := p.overview().Status(0)
	if s.LastScrape.Peer != "10.0.0.7" || *s.Cost.ScrapeSeconds != 2 || *s.Cost.PagesReused != 0.5 {
		t.Errorf("%+v, %+v", s.LastScrape, s.Cost)
	}
	if len(s.Health.Notes) != 1 || s.Health.Notes[0].Kind != "late_scrapes" || !strings.Contains(s.Health.Notes[0].Text, "2 scrapes by ::1") {
		t.Errorf("%+v", s.Health.Notes)
	}
	p.scrapers[0].Last, p.scrapers[1].Last = now.Add(-time.Hour), now.Add(-time.Hour)
	if s := p.overview().Status(0); s.LastScrape == nil || s.Cost.ScrapeSeconds != nil || len(s.Health.Notes) != 0 {
		t.Errorf("an hour later: %+v", s)
	}
}

// A file that has changed is worth a look; a rule that drops is not, and limits have notes of their own.
func TestConfigNotes(t *testing.T) {
	p := newParts(nothing)
	p.hasChanged = true
	p.reasons = []wire.RejectReason{{Reason: "dropped_by_rule", TenMinutes: 5}, {Reason: "max_total_series", TenMinutes: 5}}
	notes := p.overview().Status(0).Health.Notes
	if len(notes) != 1 || notes[0].Kind != "config_changed" || notes[0].Section != "config" {
		t.Errorf("%+v", notes)
	}
}

// A listener shows the lines a second of its last ten seconds.
func TestListenerRates(t *testing.T) {
	lines, server, client := start(t)
	now := time.Now()
	o := ingest.DefaultOptions()
	if got := lines.Listeners(server.Listeners(), &o, now).Listeners; len(got) == 0 || got[0].LinesPerSecond != nil {
		t.Errorf("before the first tick: %+v", got)
	}
	lines.Tick(now)
	send(t, server, client, "a:1|c\na:1|c\n")
	at := now.Add(4 * time.Second)
	if got := lines.Listeners(server.Listeners(), &o, at).Listeners[0]; got.Lines != 2 || *got.LinesPerSecond != 0.5 {
		t.Errorf("%+v", got)
	}
	lines.Tick(now.Add(5 * time.Second))
	lines.Tick(now.Add(10 * time.Second))
	lines.Tick(now.Add(15 * time.Second))
	if got := lines.Listeners(server.Listeners(), &o, now.Add(15*time.Second)).Listeners[0]; *got.LinesPerSecond != 0 {
		t.Errorf("%+v", got)
	}
}

// With a survey of labels, the label to blame for a limit comes from there.
func TestLimitNoteFromSurvey(t *testing.T) {
	p := newParts(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2 })
	formattest.Record(t, p.registry.NewShard(), "a:1|c|#k:1", "a:1|c|#k:2")
	p.labels = &wire.Labels{Labels: []wire.Label{
		{Name: "other", Families: []wire.LabelFamily{{Name: "b", Values: 9}}},
		{Name: "k", Families: []wire.LabelFamily{{Name: "b", Values: 1}, {Name: "a", Values: 7}}},
	}}
	o := p.overview()
	for reason := protocol.ReasonNone; reason == protocol.ReasonNone; {
		reason = p.registry.NewShard().Record(sampleOf(t, "a:1|c|#k:3"))
		p.lines(1, reason)
	}
	notes := o.Status(0).Health.Notes
	if len(notes) != 1 || notes[0].Label != "k" || !strings.Contains(notes[0].Text, "k has 7 values") || notes[0].Fix != "max_label_values: {k: 100}" {
		t.Errorf("%+v", notes)
	}
}

// The line to paste stays one entry, whatever the name of the label is: senders choose it.
func TestLimitNoteOfHostileLabel(t *testing.T) {
	p := newParts(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 1 })
	formattest.Record(t, p.registry.NewShard(), "a:1|c|#k:1")
	p.labels = &wire.Labels{Labels: []wire.Label{
		{Name: "k: 1}, drop: {x", Families: []wire.LabelFamily{{Name: "a", Values: 7}}},
	}}
	o := p.overview()
	p.lines(1, p.registry.NewShard().Record(sampleOf(t, "a:1|c|#k:3")))
	for _, n := range o.Status(0).Health.Notes {
		if n.Kind == "limit" && n.Fix == `max_label_values: {"k: 1}, drop: {x": 100}` {
			return
		}
	}
	t.Errorf("%+v", o.Status(0).Health.Notes)
}

// sampleOf returns the only sample of a line.
func sampleOf(t *testing.T, line string) *protocol.Sample {
	t.Helper()
	d := new(protocol.Decoder)
	d.Reset([]byte(line))
	d.Next()
	sample, err := d.Sample()
	if sample == nil {
		t.Fatalf("%s: %v", line, err)
	}
	return sample
}
