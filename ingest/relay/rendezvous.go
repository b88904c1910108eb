package relay

import (
	"slices"

	"github.com/cespare/xxhash/v2"

	"weir/aggregate/label"
)

// Nodes are servers that share all series between them, so that each series belongs to one of them. Every
// relay with the same names agrees, without a word between them: that is rendezvous hashing (Thaler and
// Ravishankar, 1996). When a node joins, it takes an equal part from each of the others; when one leaves,
// its part goes to all others equally; no other series moves. It is immutable.
//
// A series belongs to the node with the highest weight: the finalizer of SplitMix64 (Steele, Lea and Flood,
// 2014) of the ID of the series xor the XXH64 of the name. Nothing of that may change: relays of two
// versions of weir must agree.
type Nodes struct {
	names  []string // sorted, each once
	hashes []uint64 // of names
}

// NewNodes returns the nodes with these names, like "weir-0.weir:9125". Their order makes no difference.
func NewNodes(names ...string) *Nodes {
	n := &Nodes{names: slices.Compact(slices.Sorted(slices.Values(names)))}
	for _, name := range n.names {
		n.hashes = append(n.hashes, xxhash.Sum64String(name))
	}
	return n
}

// Names returns the names, sorted, each once. The caller must not change them.
func (n *Nodes) Names() []string { return n.names }

// Of returns which of Names a series belongs to, -1 when there are no nodes. It takes a nanosecond for each
// node, and allocates nothing.
func (n *Nodes) Of(id label.ID) int {
	best, highest := -1, uint64(0)
	for i, hash := range n.hashes {
		if weight := mix(uint64(id) ^ hash); weight > highest || best < 0 {
			best, highest = i, weight
		}
	}
	return best
}

// mix spreads the bits of x over all bits of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
