package relay_test

import (
	"fmt"
	"slices"
	"testing"

	"weir/aggregate/label"
	"weir/ingest/relay"
)

func nodeNames(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("weir-%d.weir:9125", i))
	}
	return names
}

func idOf(i int) label.ID { return label.IDOf("requests_total", fmt.Sprintf(`user="%d"`, i)) }

// Relays of every version of weir must agree, so these never change.
func TestNodesStayTheSame(t *testing.T) {
	nodes := relay.NewNodes(nodeNames(10)...)
	got := make([]int, 0, 20)
	for i := range 20 {
		got = append(got, nodes.Of(idOf(i)))
	}
	if want := []int{0, 9, 3, 1, 1, 2, 7, 2, 4, 4, 4, 5, 4, 0, 5, 5, 8, 0, 5, 8}; !slices.Equal(got, want) {
		t.Errorf("series belong to nodes %v, want %v", got, want)
	}
}

// The order of the names and repetitions make no difference; no nodes have no series.
func TestNodesOrder(t *testing.T) {
	names := nodeNames(5)
	nodes := relay.NewNodes(names...)
	slices.Reverse(names)
	other := relay.NewNodes(append(names, names[2])...)
	for i := range 100 {
		if got, want := other.Of(idOf(i)), nodes.Of(idOf(i)); got != want {
			t.Errorf("series %d belongs to node %d in another order, want %d", i, got, want)
		}
	}
	if !slices.Equal(other.Names(), nodes.Names()) {
		t.Errorf("names %v, want %v", other.Names(), nodes.Names())
	}
	if got := relay.NewNodes().Of(1); got != -1 {
		t.Errorf("of no nodes, %d", got)
	}
}

// A node that joins takes its part, and no series moves between the others.
func TestNodesJoin(t *testing.T) {
	const series = 20_000
	for _, count := range []int{1, 2, 3, 10, 50} {
		names := nodeNames(count + 1)
		before, after := relay.NewNodes(names[:count]...), relay.NewNodes(names...)
		moved := 0
		for i := range series {
			from, to := before.Names()[before.Of(idOf(i))], after.Names()[after.Of(idOf(i))]
			if from != to && to != names[count] {
				t.Fatalf("%d nodes: a series moved from %s to %s when %s joined", count, from, to, names[count])
			}
			if from != to {
				moved++
			}
		}
		if want := series / (count + 1); moved < want*8/10 || moved > want*12/10 {
			t.Errorf("%d nodes: %d series moved to one more, want about %d", count, moved, want)
		}
	}
}

func BenchmarkNodesOf(b *testing.B) {
	for _, count := range []int{3, 1000} {
		nodes, id := relay.NewNodes(nodeNames(count)...), uint64(0)
		b.Run(fmt.Sprintf("nodes=%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				nodes.Of(label.ID(id))
				id += 0x9e3779b97f4a7c15
			}
		})
	}
}
