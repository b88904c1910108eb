package yamlfile

import "strings"

// Suggest says which of the names may have been meant: "did you mean ttl?", or "want one of" them all when
// none is near.
func Suggest(name string, names []string) string {
	if near := Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "want one of " + strings.Join(names, ", ")
}

// Nearest returns the name that differs least from the given one, the first of several; empty when all differ
// by more than a quarter of its bytes plus one.
func Nearest(name string, names []string) string {
	best, least := "", len(name)/4+2
	for _, n := range names {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance counts the bytes to insert, delete, replace or swap with their neighbour to make b of a: the
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
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
