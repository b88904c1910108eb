package mapping

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// mistake is one thing that is wrong in a file, or worth a warning. It is always one line of text.
type mistake struct {
	file   string
	line   int    // 0 when it is of no line
	path   string // of the key; empty when it is of none
	detail string // the bad value, what is allowed
}

// Error is "file:line: key: value: allowed".
func (m *mistake) Error() string {
	text := m.file
	if m.line > 0 {
		text += ":" + strconv.Itoa(m.line)
	}
	if m.path != "" {
		text += ": " + m.path
	}
	return text + ": " + m.detail
}

func sortMistakes(all []*mistake) {
	slices.SortStableFunc(all, func(a, b *mistake) int { return cmp.Compare(a.line, b.line) })
}

// joinMistakes joins all into one error, by line; nil when there are none.
func joinMistakes(all []*mistake) error {
	sortMistakes(all)
	errs := make([]error, len(all))
	for i, m := range all {
		errs[i] = m
	}
	return errors.Join(errs...)
}

const maxShown = 60 // characters of a bad value that a message repeats

// show makes s fit for the middle of a message: as it is when that cannot be misread, else in quotes; cut
// when long.
func show(s string) string {
	if r := []rune(s); len(r) > maxShown {
		return strconv.Quote(string(r[:maxShown])) + "..."
	}
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("+-._/~*${}", r)
	}
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// suggest says which of the names may have been meant.
func suggest(name string, names []string) string {
	best, least := "", len(name)/4+2
	for _, n := range names {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "want one of " + strings.Join(names, ", ")
}

// distance counts the letters to insert, delete or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, replaced)
		}
	}
	return row[len(b)]
}
