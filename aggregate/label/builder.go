package label

import (
	"slices"
	"strings"
)

// Builder makes a label set from names and values in any order. It is for cold paths: series are made by a
// Sanitizer. The zero value is ready. It belongs to one goroutine.
type Builder struct {
	pairs [][2]string // name, value
}

// Add adds a label. A later one of the same name replaces it; an empty value removes it. The name may be any
// UTF-8 without '"'.
func (b *Builder) Add(name, value string) {
	b.pairs = slices.DeleteFunc(b.pairs, func(p [2]string) bool { return p[0] == name })
	if value != "" {
		b.pairs = append(b.pairs, [2]string{name, value})
	}
}

// Labels returns the label set of the labels that were added.
func (b *Builder) Labels() Labels {
	slices.SortFunc(b.pairs, func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
	var text, name, value []byte
	for _, p := range b.pairs {
		name, value = append(name[:0], p[0]...), AppendEscaped(value[:0], p[1])
		if !isLegal(name) {
			name = append(append(append(name[:0], '"'), p[0]...), '"')
		}
		text = Append(text, name, value)
	}
	return Labels{string(text)}
}
