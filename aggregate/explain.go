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
			return owner.conflictWith(kind)
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
	if !family.accepts(n.aggregation.cellKindOf(&origins[m.Kind]), n.aggregation) {
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

// RuleHits is what a rule decided since it was put in force.
type RuleHits struct {
	Rule *mapping.Rule
	// Hits is how many names with tags, as they were sent, the rule decided, at least: a shard counts each
	// when it comes first, not once a line, and again when the shard had forgotten it.
	Hits uint64
	// LastHit is when it decided last, in seconds since the epoch; 0 when it never did.
	LastHit int64
}

// HitsOfRules returns the rules in force, in the order of the files, and since when, in seconds since the
// epoch.
func HitsOfRules(r *Registry) (all []RuleHits, since int64) {
	rules := r.rules.Load()
	for i := range rules.files {
		for j := range rules.files[i].hits {
			hits := &rules.files[i].hits[j]
			all = append(all, RuleHits{
				Rule: rules.files[i].rules.Rule(j), Hits: hits.Count(), LastHit: hits.Last(),
			})
		}
	}
	return all, rules.since
}

// Judge tells what would become of samples in a registry as it is now. It creates nothing, counts nothing,
// and takes no place of a limit. It belongs to one goroutine.
type Judge struct{ shard *Shard }

// NewJudge returns a Judge for samples of r that are read as t says.
func NewJudge(r *Registry, t Tagging) *Judge { return &Judge{r.NewTaggedShard(t)} }

// Verdict is what would become of a sample.
type Verdict struct {
	// Reason is why it would not be recorded; ReasonNone when it would.
	Reason protocol.Reason
	// Detail explains a type conflict or a limit; empty otherwise.
	Detail string
	// IsNew says that it would create its series.
	IsNew bool
	// IsFolded says that a limit would fold it into another series.
	IsFolded bool
}

// Verdict returns what would become of a sample that is recorded next.
func (j *Judge) Verdict(m *protocol.Sample) Verdict {
	s := j.shard
	s.second() // the rules in force
	m, _ = s.extract(m)
	n := s.resolver.look(m)
	if n.reason != protocol.ReasonNone {
		return Verdict{Reason: n.reason}
	}
	if reason := checkScaled(m, n.aggregation.scale); reason != protocol.ReasonNone {
		return Verdict{Reason: reason}
	}
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	return j.judge(n.aggregation.cellKindOf(&origins[m.Kind]), &n)
}

// judge is what catalog.resolve would say, without a change. Registry.mu is held.
func (j *Judge) judge(kind cellKind, n *identity) Verdict {
	c := j.shard.registry.catalog
	family := c.families[string(n.name)]
	if family != nil && family.givesWay(kind, n.aggregation) {
		family = nil
	}
	if v := j.judgeName(family, kind, n); v.Reason != protocol.ReasonNone {
		return v
	}
	if family != nil && family.series.get(n.id, n.labels) != nil {
		return Verdict{}
	}
	reason := c.admit(family, kind, n.labels)
	switch {
	case reason == protocol.ReasonNone && family != nil && !family.series.hasRoom(n.id):
		return Verdict{Reason: protocol.ReasonHashCollision}
	case reason == protocol.ReasonNone:
		return Verdict{IsNew: true}
	case family != nil && family.folds():
		return Verdict{IsFolded: true}
	case reason == protocol.ReasonSeriesPerMetric:
		most := c.limiter.limits.MaxSeriesPerMetric
		return Verdict{Reason: reason, Detail: fmt.Sprintf(
			"%s has as many series as cardinality.max_series_per_metric allows: %d", n.name, most)}
	default:
		most := c.limiter.limits.MaxTotalSeries
		return Verdict{Reason: reason, Detail: fmt.Sprintf(
			"there are as many series as cardinality.max_total_series allows: %d", most)}
	}
}

// judgeName is what catalog.join would say, without a change. Registry.mu is held.
func (j *Judge) judgeName(family *Family, kind cellKind, n *identity) Verdict {
	conflict := func(owner *Family) Verdict {
		return Verdict{Reason: protocol.ReasonTypeConflict, Detail: owner.conflictWith(kind)}
	}
	switch {
	case family != nil && !family.accepts(kind, n.aggregation):
		return conflict(family)
	case family != nil || kind == cellCheck:
		return Verdict{}
	}
	for _, suffix := range kind.suffixes() {
		switch owner := j.shard.registry.catalog.owners[string(n.name)+suffix]; {
		case owner == nil, owner != reserved && owner.restored:
		case owner == reserved:
			return Verdict{Reason: protocol.ReasonReservedName}
		default:
			return conflict(owner)
		}
	}
	return Verdict{}
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
