package aggregate_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

// allSeries returns all series as the exposition names them.
func allSeries(r *aggregate.Registry) string {
	var have []string
	for _, f := range r.Snapshot().Families {
		for _, s := range f.Series {
			have = append(have, f.Name()+"{"+s.Labels().Text()+"}")
		}
	}
	return strings.Join(have, " ")
}

// The values that come first have names; values are compared as they are exposed.
func TestMaxLabelValues(t *testing.T) {
	f := func(rules, sent, want string, others uint64) {
		t.Helper()
		r := newRegistry(withRules(t, rules))
		line(t, r.NewShard(), sent)
		if got := allSeries(r); got != want || r.Stats().ValuesOther != others {
			t.Errorf("%q by\n%s\ngave %s, want %s; %d others, want %d",
				sent, rules, got, want, r.Stats().ValuesOther, others)
		}
	}
	const one = `mappings: [{match: "a.*", name: a, max_label_values: {m: 2}}]`
	f(one, "a.x:1|c|#m:p\na.x:1|c|#m:q\na.x:1|c|#m:r\na.x:1|c|#m:p,n:1\na.x:1|c|#m:s",
		`a{m="other"} a{m="p"} a{m="p",n="1"} a{m="q"}`, 2)
	f(one, "a.x:1|c|#m:\na.x:1|c\na.x:1|c|#m:other\na.x:1|c|#m:p\na.x:1|c|#m:q\na.x:1|c|#m:other",
		`a{} a{m="other"} a{m="p"} a{m="q"}`, 0)
	f(one, "a.x:1|c|#m:1,m:2,m:3\na.x:1|c|#m:4\na.x:1|c|#m:1", `a{m="3"} a{m="4"} a{m="other"}`, 1)
	f(one, "b.x:1|c|#m:p\nb.x:1|c|#m:q\nb.x:1|c|#m:r", `b_x{m="p"} b_x{m="q"} b_x{m="r"}`, 0)
	f(`mappings: [{match: "a.*", name: a, labels: {m: "$1"}, max_label_values: {m: 1}}]`,
		"a.x:1|c\na.y:1|c\na.z:1|c", `a{m="other"} a{m="x"}`, 2)
	f(`mappings: [{match: "a", name: a, label_map: {model: m}, max_label_values: {m: 1}}]`,
		"a:1|c|#model:x\na:1|c|#model:y", `a{m="other"} a{m="x"}`, 1)
	// Rules share the values of the defaults, except rules that name the label themselves.
	f(`
defaults: {max_label_values: {m: 1}}
mappings: [{match: a, name: a}, {match: b, name: b}, {match: c, name: c, max_label_values: {m: 1, n: 1}}]`,
		"a:1|c|#m:x\nb:1|c|#m:y\nb:1|c|#m:x\nc:1|c|#m:y,n:1\nc:1|c|#m:x,n:2\nd:1|c|#m:y",
		`a{m="x"} b{m="other"} b{m="x"} c{m="other",n="other"} c{m="y",n="1"} d{m="other"}`, 4)
	f(`mappings: [{match: a, name: a, match_metric_type: counter, init: [{m: [x, y]}], max_label_values: {m: 1}}]`,
		"a:1|c|#m:z", `a{m="other"} a{m="x"}`, 1)
}

// Shards that race for the last places get no more than there are.
func TestMaxLabelValuesIsExact(t *testing.T) {
	r := newRegistry(withRules(t, `mappings: [{match: a, name: a, max_label_values: {m: 50}}]`))
	var racing sync.WaitGroup
	for i := range 4 {
		shard := r.NewShard()
		racing.Go(func() {
			for j := range 100 {
				_, _ = recordLine(shard, fmt.Sprintf("a:1|c|#m:%d", (i*37+j)%120)) // both are checked below
			}
		})
	}
	racing.Wait()
	if got := r.Stats().Series; got != 51 {
		t.Errorf("%d series, want 50 and other", got)
	}
	var sum float64
	for _, s := range r.Snapshot().Families[0].Series {
		sum += s.Value()
	}
	if sum != 400 {
		t.Errorf("the series sum up to %v, want 400", sum)
	}
}

// A value keeps its place when its series expires; after a reload it begins again.
func TestMaxLabelValuesAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rules = `mappings: [{match: a, name: a, ttl: 5s, max_label_values: {m: 1}}]`
		r := running(t, withRules(t, rules))
		shard := r.NewShard()
		line(t, shard, "a:1|c|#m:x")
		pass(20 * time.Second)
		line(t, shard, "a:1|c|#m:y")
		if got := allSeries(r); got != `a{m="other"}` {
			t.Errorf("after the series has expired: %s", got)
		}
		r.SetRules(mustRules(t, rules))
		pass(20 * time.Second)
		line(t, shard, "a:1|c|#m:y")
		if got := allSeries(r); got != `a{m="y"}` {
			t.Errorf("after a reload: %s", got)
		}
	})
}

// To explain a line takes no place.
func TestExplainTakesNoValue(t *testing.T) {
	r := newRegistry(withRules(t, `mappings: [{match: a, name: a, max_label_values: {m: 1}}]`))
	shard := r.NewShard()
	explain := func(tag string) string {
		return shard.Explain(&protocol.Sample{
			Kind: protocol.KindCounter, Name: []byte("a"), Tags: []byte("m:" + tag), Value: 1, Rate: 1,
		}).Labels.Text()
	}
	if x, y := explain("x"), explain("y"); x != `m="x"` || y != `m="y"` {
		t.Errorf("explained as %s and %s", x, y)
	}
	line(t, shard, "a:1|c|#m:x")
	if x, y := explain("x"), explain("y"); x != `m="x"` || y != `m="other"` {
		t.Errorf("explained as %s and %s, want x and other", x, y)
	}
}

// What the first file says of all series holds for the rules of the others.
func TestRulesOfSeveralFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := mustRules(t, `
defaults: {ttl: 5s, static_labels: {dc: west, k: v}}
mappings: [{match: "a.*", name: first}]`)
		second := mustRules(t, `
defaults: {static_labels: {k: w}}
mappings: [{match: "a.b", name: second}, {match: b, name: second}, {match: c, name: c, ttl: 1m}]`)
		r := running(t, func(o *aggregate.Options) { o.Rules = append(first, second...) })
		line(t, r.NewShard(), "a.b:1|c\nb:1|c\nc:1|c\nd:1|c")
		want := `c{dc="west",k="w"} d{dc="west",k="v"} first{dc="west",k="v"} second{dc="west",k="w"}`
		if got := allSeries(r); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		pass(20 * time.Second)
		if got := allSeries(r); got != `c{dc="west",k="w"}` {
			t.Errorf("after their ttl: %s", got)
		}
	})
}
