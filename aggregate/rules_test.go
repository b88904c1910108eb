package aggregate_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weir/aggregate"
	"weir/aggregate/mapping"
)

func mustRules(t testingT, text string) []*mapping.Rules {
	t.Helper()
	rules, err := mapping.Parse("rules.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return []*mapping.Rules{rules}
}

func withRules(t testingT, text string) func(*aggregate.Options) {
	rules := mustRules(t, text)
	return func(o *aggregate.Options) { o.Rules = rules }
}

func TestRulesName(t *testing.T) {
	f := func(rules, sent, want string) {
		t.Helper()
		r := newRegistry(withRules(t, rules))
		line(t, r.NewShard(), sent)
		var have []string
		for _, f := range r.Snapshot().Families {
			for _, s := range f.Series {
				have = append(have, f.Name()+"{"+s.Labels().Text()+"}")
			}
		}
		if got := strings.Join(have, " "); got != want {
			t.Errorf("%q by\n%s\ngave %s, want %s", sent, rules, got, want)
		}
	}
	const web = `mappings: [{match: "web.*.*", name: "web_$2", labels: {site: "$1", env: "x"}}]`
	f(web, "web.shop.hits:1|c", `web_hits{env="x",site="shop"}`)
	f(web, "web.shop.hits:1|c|#site:tag,other:1", `web_hits{env="x",other="1",site="shop"}`)
	f(web, "web.shop.hits,site=tag:1|c", `web_hits{env="x",site="shop"}`)
	f(web, "other.shop:1|c|#site:tag", `other_shop{site="tag"}`)
	f(`mappings: [{match: "a.*", name: a, honor_labels: true, labels: {x: "$1", y: "$1"}}]`,
		"a.rule:1|c|#x:tag", `a{x="tag",y="rule"}`)
	f(`mappings: [{match: "a.*", name: a, drop_labels: [user_id], label_map: {path: route}}]`,
		"a.b:1|c|#user-id:7,path:/x,z:1", `a{route="/x",z="1"}`)
	f("defaults: {static_labels: {dc: west}}\nmappings: [{match: a, name: b, labels: {k: v}}]",
		"a:1|c\nc:1|c\nd:1|c|#dc:tag", `b{dc="west",k="v"} c{dc="west"} d{dc="tag"}`)
	f(`mappings: [{match: "drop.*", action: drop}]`, "drop.x:1|c\nkeep:1|c", `keep{}`)
	f(`mappings: [{match: a, name: by_type, match_metric_type: gauge}]`, "a:1|g\na:1|c", `a{} by_type{}`)
	f(`mappings: [{match: "x.*", name: "x_${1}", labels: {v: 'q"$1'}}]`, `x.é-y:1|c`, `x___y{v="q\"é-y"}`)
	f(`mappings: [{match: a.*, name: a, match_metric_type: gauge, labels: {quantile: "$1"}, label_map: {x: le}}]`,
		"a.p99:1|g|#x:5", `a{le="5",quantile="p99"}`)
	f(`mappings: [{match: a, name: a, match_metric_type: counter, init: [{le: ["1"]}]}]`, "", `a{le="1"}`)
	f(`mappings: [{match: a, name: a, match_metric_type: counter, init: [{code: ["200", "500"]}]}]`, "",
		`a{code="200"} a{code="500"}`)
}

func TestRulesDropAndCount(t *testing.T) {
	r := newRegistry(withRules(t, `mappings: [{match: "drop.*", action: drop}]`))
	shard := r.NewShard()
	for range 3 {
		if got := line(t, shard, "drop.x:1|c"); got != "dropped_by_rule" {
			t.Errorf("%q, want dropped_by_rule", got)
		}
	}
}

// A rule says what observations become, in which unit, and how long their series live.
func TestRulesTreat(t *testing.T) {
	r := newRegistry(withRules(t, `
defaults: {observer_type: summary, summary_options: {quantiles: [{quantile: 0.5, error: 0.05}]}}
mappings:
- {match: h.*, name: h, observer_type: histogram, histogram_options: {buckets: [1, 2]}, help: "Two buckets."}
- {match: n.*, name: n, observer_type: histogram,
   histogram_options: {native_histogram_bucket_factor: 1.1, native_histogram_max_buckets: 7}}
- {match: s.*, name: s, scale: 0.5}
- {match: c.*, name: c, scale: 3}
- {match: g.*, name: g, scale: -2}
- {match: bad.*, name: bad, scale: -1}
`))
	shard := r.NewShard()
	if got := line(t, shard, "bad.x:1|c\nbad.x:1|c\nbad.x:1|g"); got != "negative_counter negative_counter " {
		t.Errorf("a counter scaled below zero, then a gauge: %q", got)
	}
	if got := line(t, shard, "bad.y:1|c\nbad.y:0|c"); got != "negative_counter type_conflict" {
		t.Errorf("a counter scaled below zero, then to zero: %q", got)
	}
	for range 2 {
		line(t, shard, "h.a:1500|ms\nn.a:2|h\ns.a:4|h\ns.b:4|h\nc.a:1|c\nc.b:2|c\nc:10|c\ng.a:+1|g\nother:5|h")
	}
	want := map[string]string{
		"h": "histogram [1 2] []", "n": "histogram [0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10] []",
		"s": "summary [] [0.5]", "c": "counter [] []", "g": "gauge [] []", "other": "summary [] [0.5]",
	}
	for _, f := range r.Snapshot().Families {
		if got := fmt.Sprint(f.Type(), f.Bounds(), f.Quantiles()); f.Name() != "bad" && got != want[f.Name()] {
			t.Errorf("%s: %s, want %s", f.Name(), got, want[f.Name()])
		}
		if f.HasNative() != (f.Name() == "n") {
			t.Errorf("%s: HasNative = %v", f.Name(), f.HasNative())
		}
		if got := f.Help(); (got == "Two buckets.") != (f.Name() == "h") {
			t.Errorf("%s: help %q", f.Name(), got)
		}
		if f.Name() == "s" {
			var o aggregate.Observations
			f.Series[0].Observe(&o)
			if o.Sum != 8 || o.Count != 4 || math.Abs(o.Quantiles[0]-2) > 0.02 {
				t.Errorf("s: sum %v, count %v, median %v, want 8, 4, 2", o.Sum, o.Count, o.Quantiles)
			}
		}
	}
	if c, g := value(r, "c"), value(r, "g"); c != 2*(3+6+10) || g != -4 {
		t.Errorf("c = %v, g = %v, want 38 and -4", c, g)
	}
}

func TestRulesTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := running(t, func(o *aggregate.Options) {
			withRules(t, `
defaults: {ttl: 20s}
mappings: [{match: short, name: short, ttl: 5s}, {match: ever, name: ever, ttl: 0}]`)(o)
		})
		shard := r.NewShard()
		line(t, shard, "short:1|c\never:1|c\nother:1|c")
		for _, want := range []int{3, 2, 2, 2, 1, 1} {
			if got := r.Stats().Series; got != want {
				t.Errorf("%d series, want %d", got, want)
			}
			pass(6 * time.Second)
		}
	})
}

// Other rules are asked from the next second on; series keep their values.
func TestSetRules(t *testing.T) {
	r := newRegistry(withRules(t, `mappings: [{match: "a.*", name: a}]`))
	now := time.Unix(1_800_000_000, 0)
	r.Tick(now)
	shard := r.NewShard()
	line(t, shard, "a.x:1|c\na.y:1|c\nb:1|g\nb:1|c")
	r.SetRules(mustRules(t, `mappings: [{match: "a.x", name: other}, {match: b, name: b2, match_metric_type: counter}]`))
	r.Tick(now.Add(time.Second))
	if got := line(t, shard, "a.x:1|c\na.y:1|c\nb:1|g\nb:1|c"); got != "   " {
		t.Errorf("record: %q", got)
	}
	for series, want := range map[string]float64{"a": 2, "other": 1, "a_y": 1, "b": 1, "b2": 1} {
		if got := value(r, series); got != want {
			t.Errorf("%s = %v, want %v", series, got, want)
		}
	}
	r.SetRules(nil)
	r.Tick(now.Add(2 * time.Second))
	line(t, shard, "a.x:5|c")
	if got := value(r, "a_x"); got != 5 {
		t.Errorf("without rules a_x = %v, want 5", got)
	}
}
