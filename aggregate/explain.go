package aggregate

import (
	"fmt"

	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// Explanation is what a sample is called and why, as far as that does not depend on what was there before.
type Explanation struct {
	// Family is the sanitised name, Labels the label set of its series, ID the identity of the series, Type
	// the type that its family would have.
	Family string
	Labels label.Labels
	ID     label.ID
	Type   Type
	// UTF8Family and UTF8Labels are the same with names as they were sent: see Sanitize.Names.
	UTF8Family string
	UTF8Labels label.Labels
	// Reason is why the sample can have no name, and then the fields above are empty; ReasonNone when it has
	// one.
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

// explain is Shard.Explain.
func explain(s *Shard, m *protocol.Sample) Explanation {
	s.second() // the rules in force
	m, hasExemplar := s.extract(m)
	n := s.resolver.look(m)
	e := Explanation{Reason: n.reason, Rule: n.rule}
	if hasExemplar {
		labels, _ := s.exemplarTags.render(&s.resolver.options)
		e.Exemplar = label.Of(string(labels))
	}
	if n.reason == protocol.ReasonNone {
		e.setIdentity(&n)
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

func (e *Explanation) setIdentity(n *identity) {
	e.Family, e.Labels, e.ID = string(n.name), label.Of(string(n.labels)), n.id
	e.UTF8Family, e.UTF8Labels = e.Family, e.Labels
	if n.utf8.name != nil {
		e.UTF8Family = string(n.utf8.name)
	}
	if n.utf8.labels != nil {
		e.UTF8Labels = label.Of(string(n.utf8.labels))
	}
}

// explainConflict is Shard.Conflict.
func explainConflict(s *Shard, m *protocol.Sample) string {
	m, _ = s.extract(m)
	n := s.resolver.look(m)
	if n.reason != protocol.ReasonNone {
		return ""
	}
	kind := n.aggregation.cellKindOf(&origins[m.Kind])
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	for _, suffix := range kind.suffixes() {
		owner := s.registry.catalog.owners[string(n.name)+suffix]
		if owner != nil && owner != reserved && (suffix != "" || owner.cellKind != kind) {
			return fmt.Sprintf("%s is a %s; a %s was sent", owner.name, owner.cellKind.typ(), kind.typ())
		}
	}
	return ""
}

// Locator tells which series samples belong to that are recorded elsewhere. It creates nothing, and takes no
// place of a limit. It belongs to one goroutine.
type Locator struct{ shard *Shard }

// NewLocator returns a Locator for samples of r that are read as t says.
func NewLocator(r *Registry, t Tagging) *Locator { return &Locator{r.NewTaggedShard(t)} }

// Location is where a sample belongs.
type Location struct {
	// Family and Series are nil when there is no such series: the sample was rejected, refused or dropped, or
	// the series has expired. A sample that was folded belongs to the series that it was folded into.
	Family *Family
	Series *Series
	// Rule is the rule that matched, which may drop the sample; nil when none did.
	Rule *mapping.Rule
}

// Locate returns where a sample belongs by now. It costs about as much as creating a series.
func (l *Locator) Locate(m *protocol.Sample) Location {
	s := l.shard
	s.second() // the rules in force
	m, _ = s.extract(m)
	n := s.resolver.look(m)
	found := Location{Rule: n.rule}
	if n.reason != protocol.ReasonNone {
		return found
	}
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	family := s.registry.catalog.families[string(n.name)]
	if family == nil {
		return found
	}
	kind := n.aggregation.cellKindOf(&origins[m.Kind])
	if family.cellKind != kind && (!kind.observes() || !family.outlives(n.aggregation)) {
		return found // a type conflict
	}
	if found.Series = family.series.get(n.id, n.labels); found.Series == nil {
		found.Series = family.folded()
	}
	if found.Series != nil {
		found.Family = family
	}
	return found
}

// familyOrLargest returns the family of a name, or the one with the most series when the snapshot has none
// of that name.
func familyOrLargest(snapshot *Snapshot, name string) (largest FamilySeries) {
	for _, f := range snapshot.Families {
		if f.name == name {
			return f
		}
		if len(f.Series) > len(largest.Series) {
			largest = f
		}
	}
	return largest
}

// highestCardinality returns the label that has the most distinct values, and how many; of several the
// first by name.
func highestCardinality(series []*Series) (name string, values int) {
	distinct := make(map[string]map[string]struct{})
	for _, s := range series {
		for l, value := range s.labels.Escaped() {
			if distinct[l] == nil {
				distinct[l] = make(map[string]struct{})
			}
			distinct[l][value] = struct{}{}
		}
	}
	for l, seen := range distinct {
		if len(seen) > values || len(seen) == values && l < name {
			name, values = l, len(seen)
		}
	}
	return name, values
}
