package expose

import (
	"strings"

	"weir/internal/mistake"
)

// selfPrefix begins the names of weir's own families, except the families of its process and its Go runtime,
// and families that have the names of another program.
const selfPrefix = "weir_"

// maxPrefix is the longest AliasPrefix, in bytes.
const maxPrefix = 100

// Self says which families of weir's own an exposition has.
type Self struct {
	// Expose shows the families whose names begin with weir_. Otherwise only requests that name them in
	// ?name[]= get them.
	Expose bool `koanf:"expose"`
	// AliasPrefix shows six of the families under second names, too, which begin with it; they are always
	// exposed. None when empty.
	AliasPrefix string `koanf:"alias_prefix"`
}

// check adds the mistakes in s.
func (s Self) check(m *mistake.List) {
	p := s.AliasPrefix
	m.Check(p == "" || isPrefix(p), "self.alias_prefix", p,
		"want letters, digits and _, with no digit at the start and _ at the end, like llmdevops_metrics_")
	m.Check(p != selfPrefix, "self.alias_prefix", p,
		"weir's own families have these names: want another prefix, or none")
}

// isPrefix reports whether names that are legal everywhere may begin with p.
func isPrefix(p string) bool {
	isOther := func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	return len(p) <= maxPrefix && strings.HasSuffix(p, "_") && (p[0] < '0' || p[0] > '9') &&
		!strings.ContainsFunc(p, isOther)
}

// isHidden returns what says whether a family is only for requests that name it; nil when none is.
func (s Self) isHidden() func(name string) bool {
	if s.Expose {
		return nil
	}
	return func(name string) bool { return strings.HasPrefix(name, selfPrefix) }
}
