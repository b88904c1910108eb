package mapping

import "math/bits"

// maxLintWork is how many rules and nodes may be looked at to find rules that are never reached. Ten thousand
// rules that differ need a small part of it; as many with one glob and different tags would need 50 million.
const maxLintWork = 2_000_000

// lint warns about rules that no sample can reach.
func (d *document) lint(rules *Rules) {
	s := search{rules: rules}
	helps := map[string]*Rule{}
	for _, r := range rules.rules {
		d.lintHelp(helps, r)
		if s.work > maxLintWork {
			continue
		}
		d.lintReach(&s, r)
		if s.work > maxLintWork {
			d.warn(r.Line, r.path(),
				"from here on it is not known which rules are never reached: too many are alike to find out")
		}
	}
}

func (d *document) lintReach(s *search, r *Rule) {
	path := r.path()
	if r.glob != nil && r.exception([]byte(r.Match)) >= 0 {
		d.warn(r.Line, path, "%s is never reached: its own exceptions cover it", show(r.Match))
		return
	}
	by := s.cover(r)
	switch {
	case by == nil:
	case by.same(r):
		d.warn(r.Line, path, "%s is a duplicate: the rule in line %d matches the same and is tried first",
			show(r.Match), by.Line)
	default:
		d.warn(r.Line, path, "%s is never reached: it is shadowed by %s in line %d, which is tried first",
			show(r.Match), show(by.Match), by.Line)
	}
}

// same reports whether r accepts what other does, which covers it.
func (r *Rule) same(other *Rule) bool {
	anyType := Type(bits.TrailingZeros8(uint8(r.types)))
	return r.Match == other.Match && r.MatchType == other.MatchType && r.types == other.types &&
		other.covers(r, anyType)
}

// lintHelp warns when rules give different help for one metric, of which only one can be shown.
func (d *document) lintHelp(helps map[string]*Rule, r *Rule) {
	if r.Action == ActionDrop || r.Help == "" || !r.name.constant() {
		return
	}
	first, again := helps[r.Name]
	if !again {
		helps[r.Name] = r
		return
	}
	if first.Help != r.Help {
		d.warn(r.Line, join(r.path(), "help"), "%s has another help in line %d: a metric has only one",
			r.Name, first.Line)
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
