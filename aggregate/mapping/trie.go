package mapping

import (
	"cmp"
	"slices"
)

// trie finds the globs that a name fits without looking at the others. There is one tree for each number of
// segments, since a glob fits only names of as many; a node has one child for each segment that can follow.
//
// The rule with the lowest rank wins. What a rank means is decided when the trie is finished: the place in
// the file, or how specific the glob is; the search is the same.
type trie struct {
	roots []*node // by the number of segments; nil where no glob has as many
}

type node struct {
	segment  segment // of the edge that leads here
	min      int     // lowest rank of the rules below
	children []*node // by first appearance in the file
	rules    []*Rule // whose globs end here, by rank

	// The children again, so that a name finds those it fits.
	byText   map[string]*node // all of them
	star     *node
	prefixed affixes[*node] // foo*, foo*bar
	suffixed affixes[*node] // *foo
	others   []*node        // *foo*
}

func (t *trie) add(r *Rule) {
	for len(t.roots) <= len(r.glob) {
		t.roots = append(t.roots, nil)
	}
	n := t.roots[len(r.glob)]
	if n == nil {
		n = newNode(segment{})
		t.roots[len(r.glob)] = n
	}
	for i := range r.glob {
		n = n.child(&r.glob[i])
	}
	n.rules = append(n.rules, r)
}

func newNode(s segment) *node { return &node{segment: s, byText: map[string]*node{}} }

// child returns the child for s, a new one when n has none.
func (n *node) child(s *segment) *node {
	if child := n.byText[s.text]; child != nil {
		return child
	}
	child := newNode(*s)
	n.children = append(n.children, child)
	n.byText[s.text] = child
	switch {
	case s.stars() == 0: // found by its text
	case s.text == "*":
		n.star = child
	case len(s.prefix()) > 0:
		n.prefixed.add(s.prefix(), child)
	case len(s.suffix()) > 0:
		n.suffixed.add(s.suffix(), child)
	default:
		n.others = append(n.others, child)
	}
	return child
}

// bySpecificity returns the rules ordered so that a rule comes before less specific rules. The first segment
// that differs decides, from the left: a word is more specific than a word with stars, that is more specific
// than a star. Of two words with stars it is the one with more letters, then the one with fewer stars, then
// the one that comes first in the file.
func (t *trie) bySpecificity() []*Rule {
	var rules []*Rule
	var walk func(n *node)
	walk = func(n *node) {
		rules = append(rules, n.rules...)
		children := slices.Clone(n.children)
		slices.SortStableFunc(children, compareSpecificity)
		for _, child := range children {
			walk(child)
		}
	}
	for _, root := range t.roots {
		if root != nil {
			walk(root)
		}
	}
	return rules
}

func compareSpecificity(m, n *node) int {
	a, b := &m.segment, &n.segment
	if a.stars() == 0 || b.stars() == 0 {
		return cmp.Compare(min(a.stars(), 1), min(b.stars(), 1))
	}
	return cmp.Or(cmp.Compare(b.literals(), a.literals()), cmp.Compare(a.stars(), b.stars()))
}

// finish learns the ranks of the rules, which must have got them.
func (t *trie) finish() {
	for _, root := range t.roots {
		if root != nil {
			root.finish()
		}
	}
}

func (n *node) finish() {
	n.min = maxRank
	if len(n.rules) > 0 {
		n.min = n.rules[0].rank // rules come by index, and the order of ranks keeps that within a node
	}
	for _, child := range n.children {
		child.finish()
		n.min = min(n.min, child.min)
	}
}

// affixes holds items by a prefix, or by a suffix, that a text must have to be of interest to them.
type affixes[T any] struct {
	lengths []int // of the affixes, rising
	items   map[string][]T
}

func (a *affixes[T]) add(affix []byte, item T) {
	if a.items == nil {
		a.items = map[string][]T{}
	}
	if i, found := slices.BinarySearch(a.lengths, len(affix)); !found {
		a.lengths = slices.Insert(a.lengths, i, len(affix))
	}
	key := string(affix)
	a.items[key] = append(a.items[key], item)
}
