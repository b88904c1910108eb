package expose

import "strings"

// selfPrefix begins the names of weir's own families, except those of its process and its Go runtime, and
// those that have the names of another program.
const selfPrefix = "weir_"

// Self says which families of weir's own an exposition has.
type Self struct {
	// Expose shows the families whose names begin with weir_. Otherwise only requests that name them in
	// ?name[]= get them.
	Expose bool `koanf:"expose"`
}

// isHidden returns what says whether a family is only for requests that name it; nil when none is.
func (s Self) isHidden() func(name string) bool {
	if s.Expose {
		return nil
	}
	return func(name string) bool { return strings.HasPrefix(name, selfPrefix) }
}
