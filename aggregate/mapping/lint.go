package mapping

import (
	"fmt"
	"math/bits"

	"weir/internal/mistake"
	"weir/internal/yamlfile"
)

// maxLintWork is how many rules and nodes may be looked at to find rules that are never reached. Ten thousand
// rules that differ need a small part of it; as many with one glob and different tags would need 50 million.
const maxLintWork = 2_000_000

// linter warns about rules that do not do what they seem to do.
type linter struct {
	doc    *document
	search search
	helps  map[string]*Rule // the first rule with a help, by name
}

// lint adds its warnings to those of the document.
func lint(d *document, rules *Rules) {
	l := linter{doc: d, search: search{rules: rules}, helps: map[string]*Rule{}}
	for _, r := range rules.rules {
		l.help(r)
		if l.search.work > maxLintWork {
			continue
		}
		l.reach(r)
		if l.search.work > maxLintWork {
			l.warn(r, "from here on it is not known which rules are never reached: too many are alike")
		}
	}
}

func (l *linter) warn(r *Rule, text string) { l.doc.warn(r.Line, r.path(), text) }

// reach warns about a rule that no sample can reach.
func (l *linter) reach(r *Rule) {
	match := mistake.Show(r.Match)
	if r.glob != nil && r.exception([]byte(r.Match)) >= 0 {
		l.warn(r, match+" is never reached: its own exceptions cover it")
		return
	}
	by := l.search.cover(r)
	switch {
	case by == nil:
	case isSame(by, r):
		l.warn(r, fmt.Sprintf("%s is a duplicate: the rule in line %d matches the same and is tried first",
			match, by.Line))
	default:
		l.warn(r, fmt.Sprintf("%s is never reached: it is shadowed by %s in line %d, which is tried first",
			match, mistake.Show(by.Match), by.Line))
	}
}

// isSame reports whether r, which covers other, accepts nothing else.
func isSame(r, other *Rule) bool {
	anyType := Type(bits.TrailingZeros8(uint8(r.types)))
	return r.Match == other.Match && r.MatchType == other.MatchType && r.types == other.types &&
		other.covers(r, anyType)
}

// help warns when rules give different help for one metric, of which only one can be shown.
func (l *linter) help(r *Rule) {
	if r.Action == ActionDrop || r.Help == "" || !r.name.constant() {
		return
	}
	first, again := l.helps[r.Name]
	if !again {
		l.helps[r.Name] = r
		return
	}
	if first.Help != r.Help {
		l.doc.warn(r.Line, yamlfile.Join(r.path(), "help"),
			fmt.Sprintf("%s has another help in line %d: a metric has only one", r.Name, first.Line))
	}
}

// cover returns the first of the rules that are tried before r and that together accept all that r accepts,
// nil when some of it is left for r.
func (s *search) cover(r *Rule) *Rule {
	var by *Rule
	for t := TypeCounter; t <= TypeSet; t++ {
		if !r.types.has(t) {
			continue
		}
		s.name, s.sampleType, s.covered, s.winner, s.limit = []byte(r.Match), t, r, nil, r.rank
		if r.glob != nil {
			s.globs()
		}
		s.coverByRegex()
		if s.winner == nil {
			return nil
		}
		if by == nil || s.winner.rank < by.rank {
			by = s.winner
		}
		if s.winner.types&r.types == r.types {
			return s.winner
		}
	}
	return by
}

// coverByRegex looks for a regular expression that matches whatever the covered rule does. It finds those
// that are the same or match everything, and all that match a glob without stars.
func (s *search) coverByRegex() {
	r := s.covered
	if r.glob != nil && r.glob.captures() == 0 {
		s.regexes()
		return
	}
	for _, other := range s.rules.regexes.catchAll {
		if other.rank >= s.limit || s.consider(other) {
			break
		}
	}
	if r.regex == nil {
		return
	}
	for _, other := range s.rules.regexes.byText[r.Match] {
		if other.rank >= s.limit || s.consider(other) {
			break
		}
	}
}
