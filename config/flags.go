package config

import (
	"github.com/spf13/pflag"

	"weir/internal/mistake"
)

// AddFlags adds to fs a flag --section.key for each leaf of the configuration, in the order of the sections.
// A flag that is not given sets nothing. Values are checked by Load, so that all mistakes come at once. A
// list is separated by commas, and its flag may be repeated; of any other flag the last one counts. Older
// spellings of keys are hidden flags.
func AddFlags(fs *pflag.FlagSet) {
	c, help, schema := Default(), helpTexts(), newSchema()
	for _, k := range schema.leaves() {
		f := fs.VarPF(&flagValue{kind: k.kind, fallback: format(k.value(c))}, k.path, "", help[k.path])
		if k.kind == boolean {
			f.NoOptDefVal = "true"
		}
	}
	for _, k := range schema.aliasesEverywhere() {
		f := fs.VarPF(&flagValue{kind: k.kind}, k.path, "", "another spelling of --"+k.aliasOf.path)
		f.Hidden = true
	}
}

// flagValue keeps the texts that were given for a flag, unread. It is a pflag.Value.
type flagValue struct {
	kind     kind
	fallback string   // the default, as it would be given
	given    []string // in order; empty when the flag was not given
}

// Set keeps s.
func (v *flagValue) Set(s string) error {
	v.given = append(v.given, s)
	return nil
}

// String returns the text that was given last, otherwise the default.
func (v *flagValue) String() string {
	if n := len(v.given); n > 0 {
		return v.given[n-1]
	}
	return v.fallback
}

// Type names the kind of the value for the help.
func (v *flagValue) Type() string { return v.kind.word() }

// flagSource reads the flags that AddFlags added and the command line gave.
type flagSource struct {
	settings

	schema *key
	flags  *pflag.FlagSet // nil means none
}

// Read returns what the flags set.
func (s *flagSource) Read() (map[string]any, error) {
	if s.flags == nil {
		return s.tree()
	}
	s.flags.Visit(func(f *pflag.Flag) {
		v, ours := f.Value.(*flagValue)
		if !ours {
			return
		}
		k, at := s.schema.lookup(f.Name), mistake.Place{Name: "--" + f.Name}
		if twin := s.setBy(k.target().path); twin != "" {
			s.refuse(at, k.path, "given together with "+twin+", which means the same", "want only one")
			return
		}
		s.read(k, v.given, at)
	})
	return s.tree()
}

// isGiven reports whether the command line gave the flag of the key at path.
func isGiven(flags *pflag.FlagSet, path string) bool {
	f := flags.Lookup(path)
	if f == nil {
		return false
	}
	v, ours := f.Value.(*flagValue)
	return ours && len(v.given) > 0
}
