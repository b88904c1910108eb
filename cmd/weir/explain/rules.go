package explain

import (
	"fmt"
	"slices"
	"strings"

	"weir/aggregate/mapping"
)

// Rule is a mapping rule.
type Rule struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Match     string `json:"match"`
	MatchType string `json:"match_type"`
	Action    string `json:"action"`
}

// NewRule describes r.
func NewRule(r *mapping.Rule) Rule {
	return Rule{r.File, r.Line, r.Match, string(r.MatchType), string(r.Action)}
}

// String is the place of the rule, and what it matches.
func (r *Rule) String() string {
	return fmt.Sprintf("%s:%d: %s", r.File, r.Line, Printable(r.Match))
}

// Attempt is a rule that was tried and did not match.
type Attempt struct {
	Rule

	Reason string `json:"reason"`
}

func newAttempts(attempts []mapping.Attempt) (all []Attempt) {
	for _, a := range attempts {
		all = append(all, Attempt{NewRule(a.Rule), a.Reason})
	}
	return all
}

// addRules adds the rule that matched, and those that did not.
func (s *Sample) addRules(rule *mapping.Rule, attempts []mapping.Attempt) {
	if rule != nil {
		matched := NewRule(rule)
		s.Rule = &matched
	}
	attempts = slices.DeleteFunc(attempts, func(a mapping.Attempt) bool { return a.Won })
	s.Tried = newAttempts(attempts)
	attempts = slices.DeleteFunc(attempts, func(a mapping.Attempt) bool { return !a.Near() })
	s.near = newAttempts(mapping.Nearest(attempts, mostPrinted))
}

const (
	mostPrinted = 5 // rules that do not match; JSON has more
	furtherOff  = "others, which are further off (--json has up to 20 of a file)"
)

// printRules says which rule matched, and why those before it did not.
func (s *Sample) printRules(b *strings.Builder) {
	switch {
	case s.Rule != nil:
		row(b, "rule", s.Rule.String()+" ("+s.Rule.Action+")")
	case len(s.Tried) > 0:
		row(b, "rule", "none matches: the name and the tags stay as they were sent")
	}
	for _, a := range s.near {
		row(b, "no match", a.String()+": "+a.Reason)
	}
	if len(s.Tried) > len(s.near) {
		row(b, "no match", furtherOff)
	}
	if s.Rule != nil && s.Rule.Action == string(mapping.ActionDrop) {
		row(b, "dropped", "as the rule wants it")
	}
}
