package mapping

import (
	"math"
	"slices"
)

const maxRank = math.MaxInt

// Rules is a compiled mapping file. It never changes, so any number of goroutines may use it.
type Rules struct {
	rules    []*Rule // in file order
	tried    []*Rule // in the order in which they are tried
	defaults Settings
	statics  []Label
	most     map[string]int // max_label_values of the defaults
	initial  []InitialSeries
	warnings []string
	globs    trie
	regexes  expressions
}

// order says which rule wins when several match.
type order uint8

const (
	globsFirst   order = iota // the first glob of the file, otherwise the first regular expression
	mostSpecific              // the most specific glob, otherwise the first regular expression
	fileOrder                 // the first of the file
)

// Warnings returns one line of text, "file:line: ...", for each older spelling and for each rule that does
// not do what it seems to do: rules that are never reached, and captures that do not exist.
func (r *Rules) Warnings() []string { return r.warnings }

// Len returns the number of rules.
func (r *Rules) Len() int { return len(r.rules) }

// Defaults returns the settings of the defaults, never nil. They hold for samples that no rule matches, too.
func (r *Rules) Defaults() *Settings { return &r.defaults }

// Rule returns the i-th rule of the file.
func (r *Rules) Rule(i int) *Rule { return r.rules[i] }

// StaticLabels returns the labels that all series get, sorted by name. Results of [Matcher.Match] have them
// already.
func (r *Rules) StaticLabels() []Label { return r.statics }

// MaxLabelValues returns the most values that labels may take in the series of all rules together, by name of
// the label; each is at least 1. A rule that names a label in [Rule.MaxLabelValues] has a limit of its own.
func (r *Rules) MaxLabelValues() map[string]int { return r.most }

// Initial returns the series that exist before any sample comes, by rule.
func (r *Rules) Initial() []InitialSeries { return r.initial }

// index decides the order in which the rules are tried, and makes them found.
func (r *Rules) index(o order) {
	var globs, regexes []*Rule
	for _, rule := range r.rules {
		if rule.regex == nil {
			r.globs.add(rule)
			globs = append(globs, rule)
		} else {
			regexes = append(regexes, rule)
		}
	}
	switch o {
	case fileOrder:
		r.tried = r.rules
	case mostSpecific:
		r.tried = append(r.globs.bySpecificity(), regexes...)
	default:
		r.tried = slices.Concat(globs, regexes)
	}
	for rank, rule := range r.tried {
		rule.rank = rank
	}
	r.globs.finish()
	for _, rule := range regexes {
		r.regexes.add(rule)
	}
}
