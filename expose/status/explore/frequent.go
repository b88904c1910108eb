package explore

import (
	"cmp"
	"slices"
	"strings"
)

// nameLabel is the label that stands for the name of a family.
const nameLabel = "__name__"

// maxPairs is how many pairs of a label and a value are counted each by itself.
const maxPairs = 1 << 16

// pair is a label with a value, escaped, and how many series have it.
type pair struct {
	label, value string
	series       int
}

// frequent counts the series of pairs. It is exact up to maxPairs of them. When there are more, it drops the
// half of the pairs with the fewest series, and subtracts the largest dropped count from each pair that
// stays, as in Misra and Gries ("Finding repeated elements", 1982). So a pair that very many series have is
// not lost, and its count is too small by no more than a small part of all series. The zero value is ready.
type frequent struct {
	pairs map[uint64]*pair // by hash
}

// add adds a pair, by its hash, with its series.
func (f *frequent) add(hash uint64, p pair) {
	if known := f.pairs[hash]; known != nil {
		known.series += p.series
		return
	}
	if f.pairs == nil {
		f.pairs = make(map[uint64]*pair)
	}
	if len(f.pairs) == maxPairs {
		f.drop()
	}
	f.pairs[hash] = &p
}

func (f *frequent) drop() {
	counts := make([]int, 0, len(f.pairs))
	for _, p := range f.pairs {
		counts = append(counts, p.series)
	}
	slices.Sort(counts)
	median := counts[len(counts)/2]
	for hash, p := range f.pairs {
		if p.series -= median; p.series <= 0 {
			delete(f.pairs, hash)
		}
	}
}

// most returns the pairs with most series, most first. Their texts are copies.
func (f *frequent) most(n int) []pair {
	all := make([]pair, 0, len(f.pairs))
	for _, p := range f.pairs {
		all = append(all, *p)
	}
	slices.SortFunc(all, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.series, a.series), strings.Compare(a.label, b.label),
			strings.Compare(a.value, b.value))
	})
	all = slices.Clone(all[:min(len(all), n)])
	for i := range all {
		all[i].value = strings.Clone(all[i].value)
	}
	return all
}
