package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// source says where a value was given: in a line of a file, in a variable or by a flag.
type source struct {
	name string // path of the file, name of the variable or the flag; empty for a default
	line int    // in the file; 0 for everything else
}

// mistake is one thing that is wrong in a configuration. It is always one line of text.
type mistake struct {
	at     source
	path   string // of the key; empty when it is of none
	detail string // the bad value, what is allowed
}

// Error is "file:line: key: value: allowed". A variable or a flag says the key already.
func (m *mistake) Error() string {
	where := m.at.name
	if m.at.line > 0 {
		where += ":" + strconv.Itoa(m.at.line)
	}
	if m.path == "" || m.at.name != "" && m.at.line == 0 {
		return where + ": " + m.detail
	}
	return strings.TrimPrefix(where+": ", ": ") + m.path + ": " + m.detail
}

// locate takes an error of Validate apart and gives each mistake the source of its key.
func locate(err error, sources map[string]source) []*mistake {
	if err == nil {
		return nil
	}
	type joinedError interface {
		error
		Unwrap() []error
	}
	if joined, ok := errors.AsType[joinedError](err); ok {
		var all []*mistake
		for _, e := range joined.Unwrap() {
			all = append(all, locate(e, sources)...)
		}
		return all
	}
	path, detail, _ := strings.Cut(err.Error(), ": ")
	return []*mistake{{at: sources[path], path: path, detail: detail}}
}

// joinMistakes joins all into one error: those of the file first, by line, then the others as they came. It
// returns nil when there are none.
func joinMistakes(all []*mistake) error {
	slices.SortStableFunc(all, func(a, b *mistake) int {
		if a.at.line == 0 || b.at.line == 0 {
			return min(b.at.line, 1) - min(a.at.line, 1)
		}
		return a.at.line - b.at.line
	})
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
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("+-._/~", r)
	}
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// layer is what one source of configuration gives.
type layer struct {
	values   map[string]any    // by path of a leaf, in the types of Config
	sources  map[string]source // by path of a leaf; empty for the defaults
	mistakes []*mistake
	notes    []string          // on what was given and has no effect
	files    map[string]uint64 // that were read, with the sums of their bytes
}

func newLayer() *layer {
	return &layer{values: map[string]any{}, sources: map[string]source{}}
}

func (l *layer) set(path string, value any, at source) {
	l.values[path] = value
	l.sources[path] = at
}

func (l *layer) refuse(at source, path, format string, args ...any) {
	l.mistakes = append(l.mistakes, &mistake{at: at, path: path, detail: fmt.Sprintf(format, args...)})
}
