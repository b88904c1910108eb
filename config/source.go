package config

import (
	"errors"
	"strings"

	"github.com/knadh/koanf/maps"
	"github.com/knadh/koanf/v2"

	"weir/internal/mistake"
)

// delimiter stands between the segments of a path.
const delimiter = "."

// source is one source of configuration. Load has koanf merge all of them, each over the one before it.
type source interface {
	koanf.Provider
	// found returns the mistakes of the source, and notes on what it sets without effect, after Read.
	found() (mistakes []*mistake.Mistake, notes []string)
}

// setting is the value of a leaf with the place where it was set. Sources give koanf settings instead of bare
// values, so that the place of a value goes with it.
type setting struct {
	Value  any // in the type that Config has for it
	Place  mistake.Place
	Origin Origin
}

// settings are what every source is made of.
type settings struct {
	origin   Origin         // of all of them
	byPath   map[string]any // a setting for each leaf that is set
	mistakes []*mistake.Mistake
	notes    []string
}

// ReadBytes is the half of koanf.Provider for sources that another parser reads.
func (*settings) ReadBytes() ([]byte, error) {
	return nil, errors.New("BUG: a source of configuration has no bytes")
}

func (s *settings) found() (mistakes []*mistake.Mistake, notes []string) { return s.mistakes, s.notes }

// tree returns the settings as koanf takes them: sections in sections.
func (s *settings) tree() (map[string]any, error) { return maps.Unflatten(s.byPath, delimiter), nil }

func (s *settings) set(path string, value any, at mistake.Place) {
	if s.byPath == nil {
		s.byPath = map[string]any{}
	}
	s.byPath[path] = setting{value, at, s.origin}
}

// setBy returns the name of what set the leaf at path; "" when nothing did.
func (s *settings) setBy(path string) string {
	set, _ := s.byPath[path].(setting)
	return set.Place.Name
}

func (s *settings) refuse(at mistake.Place, path, wrong, want string) {
	s.mistakes = append(s.mistakes, &mistake.Mistake{Place: at, Path: path, Value: wrong, Want: want})
}

// read sets the leaf k to the texts that a variable or a flag gives. Of a scalar the last counts; a list
// takes the elements of all, separated by commas, and is empty when there are none.
func (s *settings) read(k *key, given []string, at mistake.Place) {
	element, list := k.kind.element()
	if !list {
		text := given[len(given)-1]
		v, ok := k.kind.parse(text)
		if !ok {
			s.refuse(at, k.path, mistake.Show(text), wantOf(k, false))
			return
		}
		s.set(k.target().path, k.complete(v), at)
		return
	}
	elements := []any{}
	for text := range strings.SplitSeq(strings.Join(given, ","), ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		v, ok := element.parse(text)
		if !ok {
			s.refuse(at, k.path, mistake.Show(text), element.want())
			return
		}
		elements = append(elements, v)
	}
	s.set(k.path, k.kind.collect(elements), at)
}

// defaultSource sets every leaf to its default.
type defaultSource struct {
	settings

	schema *key
}

// Read returns the defaults.
func (s *defaultSource) Read() (map[string]any, error) {
	c := Default()
	for _, k := range s.schema.leaves() {
		s.set(k.path, k.value(c), mistake.Place{})
	}
	return s.tree()
}
