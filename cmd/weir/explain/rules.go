package explain

import (
	"fmt"
	"slices"
	"strings"

	"weir/aggregate/mapping"
)

// Rule names a mapping rule: where it is written, and what it matches.
type Rule struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Match     string `json:"match"`
	MatchType string `json:"match_type"`
	Action    string `json:"action"`
}

// NewRule names r.
func NewRule(r *mapping.Rule) Rule {
	return Rule{r.File, r.Line, r.Match, string(r.MatchType), string(r.Action)}
}

// String returns "file:line: match".
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

// addRules adds the rule that matched and the attempts before it.
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
	furtherOff  = "further rules (--json lists up to 20 of a file)"
)

// printRules writes which rule matched. If none did, or all is wanted, it writes why the nearest did not.
func (s *Sample) printRules(b *strings.Builder, d detail) {
	switch {
	case s.Rule != nil:
		row(b, "rule", s.Rule.String()+" ("+s.Rule.Action+")")
	case len(s.Tried) > 0:
		row(b, "rule", "none matches: name and tags stay as they were sent")
	}
	if s.Rule == nil || d == verbose {
		for _, a := range s.near {
			row(b, "no match", a.String()+": "+a.Reason)
		}
		if len(s.Tried) > len(s.near) {
			row(b, "no match", furtherOff)
		}
	}
	if s.Rule != nil && s.Rule.Action == string(mapping.ActionDrop) {
		row(b, "dropped", "by this rule")
	}
}
