package aggregate

import (
	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// Explanation is what a sample is called and why, as far as that does not depend on what was there before.
type Explanation struct {
	// Family is the sanitised name, Labels the label set of its series, ID what identifies the series, Type the
	// type that its family would have.
	Family string
	Labels label.Labels
	ID     label.ID
	Type   Type
	// UTF8Family and UTF8Labels are the same with names as they were sent: see Sanitize.Names.
	UTF8Family string
	UTF8Labels label.Labels
	// Reason is why the sample can have no name; ReasonNone when it has one. Then the fields above are empty.
	Reason protocol.Reason
	// Exemplar is the labels that an exemplar of the sample would have; empty when it would have none. Only
	// counters and histograms have exemplars.
	Exemplar label.Labels
	// Rule is the rule that matched; nil when none did.
	Rule *mapping.Rule
	// Attempts are the rules that were tried, up to the one that matched: at most mapping.MaxAttempts of each
	// file. It is empty for kinds that rules do not apply to.
	Attempts []mapping.Attempt
}

// Explain tells what a sample is called, and why. It records nothing, and is slow.
func (s *Shard) Explain(m *protocol.Sample) Explanation {
	s.second() // the rules in force
	m, picked := s.extract(m)
	n := s.resolver.look(m)
	e := Explanation{Reason: n.reason, Rule: n.rule}
	if picked {
		labels, _ := s.exemplarTags.render(&s.resolver.options)
		e.Exemplar = label.Of(string(labels))
	}
	if n.reason == protocol.ReasonNone {
		e.Family, e.Labels, e.ID = string(n.name), label.Of(string(n.labels)), n.id
		e.UTF8Family, e.UTF8Labels = e.Family, e.Labels
		if n.utf8.name != nil {
			e.UTF8Family = string(n.utf8.name)
		}
		if n.utf8.labels != nil {
			e.UTF8Labels = label.Of(string(n.utf8.labels))
		}
		e.Type = n.aggregation.cellKindOf(&origins[m.Kind]).typ()
	}
	if m.Kind == protocol.KindCheck || n.reason == protocol.ReasonMixedTags {
		return e
	}
	x := &s.resolver.matcher
	for _, matcher := range x.matchers {
		attempts := matcher.Explain(x.name, typeOf(m.Kind), x.tags)
		e.Attempts = append(e.Attempts, attempts...)
		if len(attempts) > 0 && attempts[len(attempts)-1].Won {
			break
		}
	}
	return e
}
