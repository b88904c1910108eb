package aggregate_test

import (
	"fmt"
	"testing"
	"time"

	"weir/aggregate"
	"weir/protocol"
)

// located returns the series that a locator finds for the only sample of a line, and the rule.
func located(t *testing.T, l *aggregate.Locator, text string) string {
	t.Helper()
	var d protocol.Decoder
	d.Reset([]byte(text))
	d.Next()
	m, err := d.Sample()
	if err != nil {
		t.Fatal(err)
	}
	at := l.Locate(m)
	series, rule := "none", ""
	if at.Series != nil {
		series = at.Family.Name() + at.Series.Labels().String()
	}
	if at.Rule != nil {
		rule = fmt.Sprintf(" line %d", at.Rule.Line)
	}
	return series + rule
}

func TestLocate(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		withRules(t, "mappings:\n- {match: a.*, name: as, labels: {n: $1}}\n- {match: no, name: no, action: drop}\n")(o)
		o.Limits.MaxSeriesPerMetric = 2
	})
	shard := r.NewTaggedShard(aggregate.Tagging{Dialects: protocol.AllDialects})
	l := aggregate.NewLocator(r, aggregate.Tagging{Dialects: protocol.AllDialects})
	if got := located(t, l, "a.x:1|c"); got != "none line 2" || r.Stats().Series != 0 {
		t.Errorf("before it was sent: %s, %d series", got, r.Stats().Series)
	}
	for _, text := range []string{"a.x:1|c", "b:1|g", "c,k=1:1|c", "c,k=2:1|c", "c,k=3:1|c", "d:1|ms"} {
		line(t, shard, text)
	}
	f := func(text, want string) {
		t.Helper()
		if got := located(t, l, text); got != want {
			t.Errorf("%s is located at %s, want %s", text, got, want)
		}
	}
	f("a.x:1|c", `as{n="x"} line 2`)
	f("a.y:1|c", "none line 2")
	f("b:1|g", "b")
	f("b:1|c", "none") // another type
	f("c:1|c|#k:1", `c{k="1"}`)
	f("c:1|c|#k:3", "none") // refused
	f("d:1|h", "d")
	f("no:1|c", "none line 3")
	f("c,k=1:1|c|#k:1", "none") // mixed tags
	if got := r.Stats().Series; got != 5 {
		t.Errorf("%d series, want 5: locating creates none", got)
	}
}

// A sample that was folded is located at the series that it was folded into; one that expired nowhere.
func TestLocateFolded(t *testing.T) {
	r := newRegistry(func(o *aggregate.Options) {
		o.Limits.MaxSeriesPerMetric, o.Limits.OverflowAction = 2, aggregate.OverflowFold
		o.Series.TTL = time.Second
	})
	shard, l := r.NewShard(), aggregate.NewLocator(r, aggregate.Tagging{Dialects: protocol.AllDialects})
	for _, text := range []string{"c:1|c|#k:1", "c:1|c|#k:2", "c:1|c|#k:3"} {
		line(t, shard, text)
	}
	if got := located(t, l, "c:1|c|#k:3"); got != `c{weir_overflow="true"}` {
		t.Errorf("located at %s", got)
	}
	now := time.Now()
	r.Tick(now.Add(5 * time.Second))
	r.Sweep()
	if got := located(t, l, "c:1|c|#k:1"); got != "none" {
		t.Errorf("located at %s, which has expired", got)
	}
}

func TestShardOnCreate(t *testing.T) {
	r, created := newRegistry(nil), 0
	shard := r.NewShard()
	shard.OnCreate(func() { created++ })
	for _, text := range []string{"a:1|c", "a:1|c", "b:1|g", "b:1|c", "a:1|c|#k:v"} {
		line(t, shard, text)
	}
	if created != 3 {
		t.Errorf("%d series were created, want 3", created)
	}
}
