package mistake

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Mistake is one thing that is wrong in a configuration. It is an error of one line.
type Mistake struct { //nolint:errname // it is data of a list first, and an error second
	// Place is where the value was given; the zero Place when that is not known.
	Place Place
	// Path is the path of the key, like "ingest.udp" or "mappings[3].match"; empty when the mistake belongs
	// to no key.
	Path string
	// Value is the bad value as it is shown, or what is wrong with it: `"here"`, "a list", "unknown key",
	// "given twice"; empty when the value must not be shown.
	Value string
	// Want is what is allowed or what to do: "want 1 to 9", "did you mean cache.ttl?"; empty when Value says
	// it all.
	Want string
}

// Place is where a value was given: in a line of a file, in a variable or by a flag.
type Place struct {
	// Name is the path of the file, or the name of the variable or the flag.
	Name string
	// Line is the line of the file, from 1; 0 for a variable, a flag, and a file as a whole.
	Line int
}

// String returns "file:line", or only the name.
func (p Place) String() string {
	if p.Line > 0 {
		return p.Name + ":" + strconv.Itoa(p.Line)
	}
	return p.Name
}

// Error returns "file:line: path: value: want", without the parts that are empty. The name of a variable or a
// flag stands for the path too.
func (m *Mistake) Error() string {
	path := m.Path
	if m.Place.Name != "" && m.Place.Line == 0 {
		path = ""
	}
	parts := []string{m.Place.String(), path, m.Value, m.Want}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// File returns the mistake that the file at path cannot be read. The cause comes without the path, which the
// mistake tells itself.
func File(path string, cause error) *Mistake {
	if pathErr, ok := errors.AsType[*fs.PathError](cause); ok {
		cause = pathErr.Err
	}
	return &Mistake{Place: Place{Name: path}, Value: cause.Error()}
}

// All returns the mistakes in err, which may be joined, in their order; nil for nil. Another error in it
// becomes a mistake with its text.
func All(err error) []*Mistake {
	if err == nil {
		return nil
	}
	type joinedError interface {
		error
		Unwrap() []error
	}
	if joined, ok := errors.AsType[joinedError](err); ok {
		var all []*Mistake
		for _, e := range joined.Unwrap() {
			all = append(all, All(e)...)
		}
		return all
	}
	if m, ok := errors.AsType[*Mistake](err); ok {
		return []*Mistake{m}
	}
	return []*Mistake{{Value: err.Error()}}
}

// Join joins mistakes into one error, one line of text each; nil when there are none. Those with a line come
// first, by line; the others follow in their order. All must not be used afterwards.
func Join(all []*Mistake) error {
	slices.SortStableFunc(all, func(a, b *Mistake) int {
		if a.Place.Line == 0 || b.Place.Line == 0 {
			return min(b.Place.Line, 1) - min(a.Place.Line, 1)
		}
		return a.Place.Line - b.Place.Line
	})
	errs := make([]error, len(all))
	for i, m := range all {
		errs[i] = m
	}
	return errors.Join(errs...)
}
