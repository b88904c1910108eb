package main

import (
	"fmt"
	"slices"
	"strings"

	"weir/aggregate/mapping"
)

// explainedRule is a mapping rule.
type explainedRule struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Match     string `json:"match"`
	MatchType string `json:"match_type"`
	Action    string `json:"action"`
}

func newExplainedRule(r *mapping.Rule) explainedRule {
	return explainedRule{r.File, r.Line, r.Match, string(r.MatchType), string(r.Action)}
}

// String is the place of the rule, and what it matches.
func (r *explainedRule) String() string {
	return fmt.Sprintf("%s:%d: %s", r.File, r.Line, printable(r.Match))
}

// explainedAttempt is a rule that was tried and did not match.
type explainedAttempt struct {
	explainedRule

	Reason string `json:"reason"`
}

func explainAttempts(attempts []mapping.Attempt) (all []explainedAttempt) {
	for _, a := range attempts {
		all = append(all, explainedAttempt{newExplainedRule(a.Rule), a.Reason})
	}
	return all
}

// addRules adds the rule that matched, and those that did not.
func (s *explainedSample) addRules(rule *mapping.Rule, attempts []mapping.Attempt) {
	if rule != nil {
		matched := newExplainedRule(rule)
		s.Rule = &matched
	}
	attempts = slices.DeleteFunc(attempts, func(a mapping.Attempt) bool { return a.Won })
	s.Tried = explainAttempts(attempts)
	attempts = slices.DeleteFunc(attempts, func(a mapping.Attempt) bool { return !a.Near() })
	s.near = explainAttempts(mapping.Nearest(attempts, mostPrinted))
}

const (
	mostPrinted = 5 // rules that do not match; JSON has more
	furtherOff  = "others, which are further off (--json has up to 20 of a file)"
)

// printRules says which rule matched, and why those before it did not.
func (s *explainedSample) printRules(b *strings.Builder) {
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
