package explore_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/aggregate"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
)

// While a snapshot of many series is under way, answers are those of the one before; a metric that is asked
// for by its name is waited for.
func TestAnswersBesideSnapshot(t *testing.T) {
	r := million(t, 100_001, 1000)
	f := &fixture{registry: r, shard: r.NewShard(), Explorer: explore.New(explore.Source{Registry: r})}
	blocked, begun := make(chan struct{}), make(chan struct{}, 100)
	f.DelaySnapshots(func() { begun <- struct{}{}; <-blocked })
	r.SetOptions(aggregate.DefaultOptions()) // more series may come
	f.record(t, "late:1|c")
	total := func() int {
		t.Helper()
		list, err := f.Families(wire.FamiliesQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return list.Total
	}
	for range 2 {
		if got := total(); got != 101 {
			t.Errorf("%d families while the snapshot is under way, want the 101 of before", got)
		}
	}
	if n := len(begun); n != 1 {
		t.Errorf("%d snapshots were begun at a time", n)
	}
	close(blocked)
	if d, err := f.Family(wire.FamilyQuery{Name: "late"}); err != nil || d.Family.Series != 1 {
		t.Errorf("%+v, %v", d.Family, err)
	}
	if got := total(); got != 102 {
		t.Errorf("%d families, want 102", got)
	}
}

func TestFullest(t *testing.T) {
	f := newFixture(nil)
	if got := f.Fullest(); len(got) != 0 {
		t.Errorf("of an empty registry: %v", got)
	}
	want := []explore.Fullness{}
	for i := range 12 {
		for j := range i + 1 {
			f.record(t, fmt.Sprintf("m%02d:1|c|#i:%d", i, j))
		}
		want = append([]explore.Fullness{{Family: fmt.Sprintf("m%02d", i), Series: i + 1}}, want...)
	}
	f.registry.Snapshot()
	for range 2 {
		if diff := cmp.Diff(want[:10], f.Fullest()); diff != "" {
			t.Error(diff)
		}
	}
	f.record(t, "m11:1|c|#i:x")
	if _, err := f.Families(wire.FamiliesQuery{}); err != nil {
		t.Fatal(err)
	}
	if got := f.Fullest()[0].Series; got != 13 {
		t.Errorf("%d series after another was created, want 13", got)
	}
}
