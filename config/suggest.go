package config

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// suggest says what may have been meant by the unknown name in the section in. k is the root.
func (k *key) suggest(in *key, name string) string {
	if name == "<<" {
		return "YAML merge keys are not supported"
	}
	if found := k.find(name); found != nil && strings.Contains(name, ".") {
		return "want it nested, " + nested(found.path)
	}
	var names []string
	for _, c := range slices.Concat(in.keys, in.aliases) {
		names = append(names, c.name)
	}
	if near := nearest(name, names); near != "" {
		return "did you mean " + join(in.path, near) + "?"
	}
	names = nil
	for _, leaf := range k.leaves() {
		names = append(names, leaf.name)
	}
	if elsewhere := k.named(nearest(name, names)); len(elsewhere) == 1 {
		return "did you mean " + elsewhere[0] + "?"
	}
	return "want one of " + in.names()
}

// named returns the paths of all keys below k with the given last segment.
func (k *key) named(name string) []string {
	var paths []string
	for _, c := range k.keys {
		if c.name == name {
			paths = append(paths, c.path)
		}
		paths = append(paths, c.named(name)...)
	}
	return paths
}

// nested writes a.b.c as a: {b: {c: ...}}.
func nested(path string) string {
	return strings.ReplaceAll(path, ".", ": {") + ": ..." + strings.Repeat("}", strings.Count(path, "."))
}

// SuggestFlag returns the flag of fs that was most likely meant by an unknown name, without its dashes; empty
// when none is near.
func SuggestFlag(fs *pflag.FlagSet, name string) string {
	var names []string
	fs.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return nearest(name, names)
}

// nearest returns the name that differs least from the given one, the first of several; empty when all differ
// by more than a quarter of its letters plus one.
func nearest(name string, names []string) string {
	best, least := "", len(name)/4+2
	for _, n := range names {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to make b of a: the
// optimal string alignment distance.
func distance(a, b string) int {
	var before []int // the row before last
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			differ := 1
			if a[i-1] == b[j-1] {
				differ = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+differ)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
