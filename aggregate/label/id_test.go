package label_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"pgregory.net/rapid"

	"weir/aggregate/label"
)

// An ID is the hash of the sorted labels with the name among them, however the label set was made.
// bench/rival holds it equal to labels.StableHash of Prometheus.
func TestID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labels, name := set(t), rapid.StringMatching(`[a-z_:]{0,8}`).Draw(t, "name")
		delete(labels, "__name__")
		got := build(labels).ID(name)
		if name != "" {
			labels["__name__"] = name
		}
		var names []string
		for name := range labels {
			names = append(names, name)
		}
		slices.Sort(names)
		var text strings.Builder
		for _, name := range names {
			text.WriteString(name + "\xff" + labels[name] + "\xff")
		}
		if want := label.ID(xxhash.Sum64String(text.String())); got != want {
			t.Fatalf("ID of %q = %s, want %s", labels, got, want)
		}
	})
}

func TestIDOfLongLabelsIsNotCut(t *testing.T) {
	var b label.Builder
	b.Add("a", strings.Repeat("x", 5000))
	b.Add("b", "1")
	long := b.Labels()
	b.Add("b", "2")
	if long.ID("n") == b.Labels().ID("n") {
		t.Error("label sets that differ behind 5,000 bytes have one ID")
	}
}

func TestIDAllocatesNothing(t *testing.T) {
	labels, name := []byte(`code="200",method="get",path="C:\\dir"`), []byte("requests")
	if n := testing.AllocsPerRun(100, func() { _ = label.IDOf(name, labels) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkID(b *testing.B) {
	labels, name := []byte(`code="200",method="get",zone="eu-west-1a"`), []byte("http_requests_total")
	b.ReportAllocs()
	for b.Loop() {
		label.IDOf(name, labels)
	}
}
