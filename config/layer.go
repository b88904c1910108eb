package config

import (
	"fmt"

	"weir/internal/mistake"
)

// layer is what one source of configuration gives.
type layer struct {
	values   map[string]any           // by path of a leaf, in the types of Config
	places   map[string]mistake.Place // by path of a leaf; empty for the defaults
	mistakes []*mistake.Mistake
	notes    []string          // on what was given and has no effect
	files    map[string]uint64 // that were read, with the sums of their bytes
}

func newLayer() *layer {
	return &layer{values: map[string]any{}, places: map[string]mistake.Place{}}
}

func (l *layer) set(path string, value any, at mistake.Place) {
	l.values[path] = value
	l.places[path] = at
}

func (l *layer) refuse(at mistake.Place, path, format string, args ...any) {
	l.mistakes = append(l.mistakes, &mistake.Mistake{
		Place: at, Path: path, Value: fmt.Sprintf(format, args...),
	})
}
