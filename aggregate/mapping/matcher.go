package mapping

import (
	"bytes"
	"slices"
)

// Matcher matches names against rules. It belongs to one goroutine.
type Matcher struct {
	search search
	groups [][]byte // the whole name or match, then the captures
	ends   []int    // of the labels' values in text
	text   []byte   // what the name and the labels expand to
	result Result
	labels []Label
}

// Result is what the winning rule makes of a sample. It is valid until the next call of the matcher.
type Result struct {
	Rule *Rule
	// Name is the expanded name, not yet sanitised. It may be empty, and always is when the action is to
	// drop.
	Name []byte
	// Labels are those of the rule, expanded, and behind them those of static_labels that the rule does not
	// override.
	Labels []Label
	// Own is how many of Labels are the rule's.
	Own int
}

// NewMatcher returns a matcher for one goroutine.
func (r *Rules) NewMatcher() *Matcher { return &Matcher{search: search{rules: r}} }

// Match returns the result for a sample with a name, as it is without tags and before it is sanitised; nil
// when no rule matches. After a few calls it allocates only for regular expressions.
func (m *Matcher) Match(name []byte, t Type, tags []Tag) *Result {
	rule := m.search.find(name, t, tags)
	if rule == nil {
		return nil
	}
	m.result = Result{Rule: rule}
	if rule.Action == ActionMap {
		m.capture(rule, name)
		m.expand(rule)
	}
	return &m.result
}

// capture fills m.groups for a rule that matches name.
func (m *Matcher) capture(rule *Rule, name []byte) {
	if rule.regex == nil {
		m.groups = rule.glob.appendCaptures(append(m.groups[:0], name), name)
		return
	}
	m.groups = m.groups[:0]
	found := rule.regex.FindSubmatchIndex(name)
	for i := 0; i < len(found); i += 2 {
		if found[i] < 0 {
			m.groups = append(m.groups, nil)
			continue
		}
		m.groups = append(m.groups, name[found[i]:found[i+1]])
	}
}

// expand fills the result from m.groups. The labels are cut when all text is there, since it moves as it
// grows.
func (m *Matcher) expand(rule *Rule) {
	m.text = rule.name.appendTo(m.text[:0], m.groups)
	end := len(m.text)
	m.ends = m.ends[:0]
	for i := range rule.labels {
		m.text = rule.labels[i].value.appendTo(m.text, m.groups)
		m.ends = append(m.ends, len(m.text))
	}
	m.result.Name = m.text[:end:end]
	m.labels = m.labels[:0]
	for i := range rule.labels {
		m.labels = append(m.labels, Label{rule.labels[i].name, m.text[end:m.ends[i]:m.ends[i]]})
		end = m.ends[i]
	}
	m.labels = append(m.labels, rule.statics...)
	m.result.Labels, m.result.Own = m.labels, len(rule.labels)
}

// search finds the rule with the lowest rank that accepts a sample.
type search struct {
	rules *Rules

	name       []byte
	parts      [][]byte // of the name, between its dots
	sampleType Type
	tags       []Tag
	covered    *Rule // look for the rule that covers this one instead of one that accepts a sample
	winner     *Rule
	limit      int     // the rank of the winner
	nodes      []*node // those to visit, as a stack
	candidates []*Rule
	work       int // rules and nodes that were looked at, ever
}

func (s *search) find(name []byte, t Type, tags []Tag) *Rule {
	s.name, s.sampleType, s.tags, s.covered, s.winner, s.limit = name, t, tags, nil, nil, maxRank
	s.globs()
	s.regexes()
	return s.winner
}

// consider makes rule the winner if it accepts the sample. Its rank is below the limit and the name fits its
// match.
func (s *search) consider(rule *Rule) bool {
	accepted := s.accepts(rule)
	if accepted {
		s.winner, s.limit = rule, rule.rank
	}
	return accepted
}

// accepts reports whether rule accepts the sample, or covers another rule, whatever its match.
func (s *search) accepts(rule *Rule) bool {
	s.work++
	if s.covered != nil {
		return rule.covers(s.covered, s.sampleType)
	}
	return rule.accepts(s.name, s.sampleType, s.tags)
}

func (s *search) globs() {
	roots := s.rules.globs.roots
	s.parts = s.parts[:0]
	for rest, more := s.name, true; more; {
		if len(s.parts)+1 >= len(roots) {
			return // the name has more segments than any glob
		}
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte("."))
		s.parts = append(s.parts, part)
	}
	if root := roots[len(s.parts)]; root != nil && root.min < s.limit {
		s.nodes = s.nodes[:0]
		s.descend(root, 0)
	}
}

// descend visits the nodes below n, where the part at depth is to fit next. A node is visited at most once,
// and not at all when nothing below it can win.
func (s *search) descend(n *node, depth int) {
	if depth == len(s.parts) {
		for _, rule := range n.rules {
			if rule.rank >= s.limit || s.consider(rule) {
				return
			}
		}
		return
	}
	start := len(s.nodes)
	s.pushFitting(n, s.parts[depth])
	for i, end := start, len(s.nodes); i < end && s.nodes[i].min < s.limit; i++ {
		s.descend(s.nodes[i], depth+1)
	}
	s.nodes = s.nodes[:start]
}

// pushFitting pushes the children of n that part fits, those with a lower rank first.
func (s *search) pushFitting(n *node, part []byte) {
	start := len(s.nodes)
	if child := n.byText[string(part)]; child != nil && child.segment.stars() == 0 {
		s.nodes = append(s.nodes, child)
	}
	for _, length := range n.prefixed.lengths {
		if length > len(part) {
			break
		}
		s.pushMatching(n.prefixed.items[string(part[:length])], part)
	}
	for _, length := range n.suffixed.lengths {
		if length > len(part) {
			break
		}
		s.pushMatching(n.suffixed.items[string(part[len(part)-length:])], part)
	}
	s.pushMatching(n.others, part)
	if n.star != nil {
		s.nodes = append(s.nodes, n.star)
	}
	slices.SortFunc(s.nodes[start:], func(a, b *node) int { return a.min - b.min })
}

func (s *search) pushMatching(children []*node, part []byte) {
	s.work += len(children)
	for _, child := range children {
		if child.segment.matches(part) {
			s.nodes = append(s.nodes, child)
		}
	}
}

func (s *search) regexes() {
	s.candidates = s.rules.regexes.appendCandidates(s.candidates[:0], s.name, s.limit)
	for _, rule := range s.candidates {
		if rule.rank >= s.limit {
			return
		}
		if s.accepts(rule) && rule.regex.Match(s.name) {
			s.winner, s.limit = rule, rule.rank
			return
		}
	}
}
