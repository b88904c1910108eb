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
	// Near says that it is one of the few that came nearest, which Print writes.
	Near bool `json:"near,omitempty"`
}

// addRules adds the rule that matched and the attempts before it.
func (s *Sample) addRules(rule *mapping.Rule, attempts []mapping.Attempt) {
	if rule != nil {
		matched := NewRule(rule)
		s.Rule = &matched
	}
	attempts = slices.DeleteFunc(attempts, func(a mapping.Attempt) bool { return a.Won })
	near := slices.DeleteFunc(slices.Clone(attempts), func(a mapping.Attempt) bool { return !a.Near() })
	near = mapping.Nearest(near, mostPrinted)
	for _, a := range attempts {
		isNear := slices.ContainsFunc(near, func(n mapping.Attempt) bool { return n.Rule == a.Rule })
		s.Tried = append(s.Tried, Attempt{Rule: NewRule(a.Rule), Reason: a.Reason, Near: isNear})
	}
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
		isAll := true
		for _, a := range s.Tried {
			if a.Near {
				row(b, "no match", a.String()+": "+a.Reason)
			}
			isAll = isAll && a.Near
		}
		if !isAll {
			row(b, "no match", furtherOff)
		}
	}
	if s.Rule != nil && s.Rule.Action == string(mapping.ActionDrop) {
		row(b, "dropped", "by this rule")
	}
}
