package aggregate_test

import (
	"fmt"
	"slices"
	"testing"

	"weir/aggregate"
)

// Names that differ and become one family are counted, each once, and the last two are told.
func TestNamesMerged(t *testing.T) {
	f := func(lines string, want uint64, last string) {
		t.Helper()
		r := newRegistry(nil)
		line(t, r.NewShard(), lines)
		line(t, r.NewShard(), lines) // another loop
		if got := r.Stats(); got.NamesMerged != want || got.NameMerged != last {
			t.Errorf("%q: %d names merged, last %q; want %d, %q", lines, got.NamesMerged, got.NameMerged, want, last)
		}
	}
	f("a.b:1|c\na.b:1|c|#x:y", 0, "")
	f("a_b:1|c\na_b:1|c", 0, "")
	f("a.b:1|c\na_b:1|c", 1, "a.b and a_b are both a_b")
	f("a_b:1|c\na.b:1|c\na.b:1|c|#x:y\na/b:1|c", 2, "a_b and a/b are both a_b")
	f("a.b,x=y:1|c\na/b#x=z:1|c", 1, "a.b and a/b are both a_b") // tags are not part of a name
	f("a.b:1|c\na/b:1|g", 0, "")                                 // it was rejected
	f("_sc|a.b|0\n_sc|a/b|0", 0, "")
}

// A rule that gives several names to one family means it. Names that no rule matches count as ever.
func TestNamesMergedByRules(t *testing.T) {
	r := newRegistry(withRules(t, "mappings: [{match: web.*.hits, name: web_hits, labels: {site: $1}}]"))
	line(t, r.NewShard(), "web.a.hits:1|c\nweb.b.hits:1|c\nweb.hits:1|c")
	if got := r.Stats().NamesMerged; got != 0 {
		t.Errorf("%d names merged by a rule, want 0", got)
	}
	line(t, r.NewShard(), "web_hits:1|c")
	if got := r.Stats(); got.NamesMerged != 1 || got.NameMerged != "web.hits and web_hits are both web_hits" {
		t.Errorf("%d names merged, last %q", got.NamesMerged, got.NameMerged)
	}
}

// A flood of names that become one family is counted up to a bound.
func TestNamesMergedIsBounded(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	for i := range 100 {
		line(t, shard, fmt.Sprintf("a%cb:1|c", rune('一'+i)))
	}
	if got := r.Stats().NamesMerged; got != 8 {
		t.Errorf("%d names are counted, want 8", got)
	}
}

func TestNamesLettersLost(t *testing.T) {
	r := newRegistry(nil)
	shard := r.NewShard()
	line(t, shard, "web.hits:1|c\nünï:1|c\nünï:1|c|#a:b\nпривет:1|g\na\xffb:1|h\na→b:1|c")
	if got := r.Stats().NamesLettersLost; got != 3 {
		t.Errorf("%d families lost letters, want 3", got)
	}
	r = newRegistry(func(o *aggregate.Options) { o.Sanitize.Names = aggregate.NamesUTF8 })
	line(t, r.NewShard(), "ünï:1|c")
	if got := r.Stats().NamesLettersLost; got != 0 {
		t.Errorf("%d families lost letters though names are kept, want 0", got)
	}
}

// Every series that a sample creates is reported once, with the name that was sent.
func TestOnCreate(t *testing.T) {
	r := newRegistry(nil)
	var got []string
	r.OnCreate(func(c *aggregate.Creation) {
		got = append(got, fmt.Sprintf("%s %s %s %v", c.Sent, c.Family, c.Series, c.Type))
	})
	shards := []*aggregate.Shard{r.NewShard(), r.NewShard()}
	for _, shard := range shards {
		line(t, shard, "web.hits:1|c|#b:2,a:1\nweb.hits:1|c|#a:1,b:2\nreq.time,x=y:1|ms\nweb.hits:1|g")
	}
	r.OnCreate(nil)
	line(t, shards[0], "later:1|c")
	want := []string{`web.hits web_hits web_hits{a="1",b="2"} counter`, `req.time req_time req_time{x="y"} histogram`}
	if !slices.Equal(got, want) {
		t.Errorf("reported %q, want %q", got, want)
	}
}
