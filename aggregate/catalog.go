package aggregate

import (
	"cmp"

	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// catalog holds the families and series of a registry, and decides which may be created. Guarded by
// Registry.mu.
type catalog struct {
	registry *Registry
	families map[string]*Family // by name
	owners   map[string]*Family // by every name an exposition uses; reserved for weir's own families
	limiter  limiter
	series   int       // of all families
	changed  []*Family // families in which series were created or expired since the last snapshot
	scratch  []byte
}

// reserved owns the names that no sample may use.
var reserved = &Family{name: "reserved"}

func newCatalog(r *Registry, reservedNames []string) *catalog {
	c := &catalog{
		registry: r, limiter: newLimiter(r.options.Limits),
		families: make(map[string]*Family), owners: make(map[string]*Family),
	}
	for _, name := range reservedNames {
		c.owners[name] = reserved
	}
	return c
}

// resolution is what the catalog makes of a sample.
type resolution struct {
	series      *Series // nil when the sample is refused
	aggregation *aggregation
	overflow    *overflow // counts the samples when a limit refused or folded them
	reason      protocol.Reason
	transient   bool // rejected because of this value; do not cache it
	isNew       bool // the series was created
}

// resolve returns the series of a sample, which it creates when it is new. It copies what it keeps.
func (c *catalog) resolve(o *origin, n *identity) resolution {
	found := resolution{aggregation: n.aggregation}
	kind := n.aggregation.cellKindOf(o)
	family, reason := c.join(kind, n.aggregation, n.name)
	if reason != protocol.ReasonNone {
		return resolution{reason: reason}
	}
	if family != nil {
		found.series = family.series.get(n.id, n.labels)
	}
	id, labels, utf8 := n.id, n.labels, n.utf8
	if found.series == nil {
		if reason = c.admit(family, kind, labels); reason != protocol.ReasonNone {
			found.overflow = c.limiter.refuse(n.name, id, reason)
			if family == nil || !family.folds() {
				found.reason = reason
				return found
			}
			id, labels, utf8.labels = label.IDOf(n.name, foldedLabels), foldedLabels, nil
			found.series = family.folded()
		}
	}
	if found.series == nil && family != nil && !family.series.hasRoom(id) {
		return resolution{reason: protocol.ReasonHashCollision}
	}
	if found.series == nil {
		if family == nil {
			family = c.newFamily(string(n.name), cmp.Or(n.help, o.help), kind, n.aggregation)
		}
		found.series, found.isNew = c.create(family, id, label.Of(string(labels))), true
	}
	if n.sent != nil {
		c.registry.names.note(found.series.family, n.sent)
	}
	if rule := &found.series.family.rule; rule.Load() != n.rule {
		rule.Store(n.rule)
	}
	c.setUTF8(found.series, utf8)
	found.series.seen.touch(c.registry.clock.seconds()) // so that it does not expire before its cell is there
	c.setTTL(found.series, n.aggregation.ttl)
	return found
}

// join returns the family that samples of a kind and a name join, nil when the name is free, or why they
// may not.
func (c *catalog) join(kind cellKind, t *aggregation, name []byte) (*Family, protocol.Reason) {
	family := c.families[string(name)]
	switch {
	case family == nil:
	case family.givesWay(kind, t):
		c.drop(family)
	case !family.accepts(kind, t):
		return nil, protocol.ReasonTypeConflict
	default:
		family.restored = false
		return family, protocol.ReasonNone
	}
	if kind == cellCheck { // whose name is reserved for it
		return nil, protocol.ReasonNone
	}
	return nil, c.claim(name, kind)
}

// claim frees the names of a new family when the families that use them were restored and no sample has
// confirmed them: ReasonNone, or why other families are in the way.
func (c *catalog) claim(name []byte, kind cellKind) protocol.Reason {
	var unconfirmed []*Family
	for _, suffix := range kind.suffixes() {
		c.scratch = append(append(c.scratch[:0], name...), suffix...)
		switch owner := c.owners[string(c.scratch)]; {
		case owner == nil:
		case owner == reserved:
			return protocol.ReasonReservedName
		case owner.restored:
			unconfirmed = append(unconfirmed, owner)
		default:
			return protocol.ReasonTypeConflict
		}
	}
	for _, family := range unconfirmed {
		c.drop(family)
	}
	return protocol.ReasonNone
}

// admit reports whether a series may be created in family, or in a new one when that is nil: ReasonNone, or
// the limit that forbids it.
func (c *catalog) admit(family *Family, kind cellKind, labels []byte) protocol.Reason {
	switch {
	case family == nil:
		return c.limiter.admit(0, 1+c.limiter.kept(kind))
	case family.kept > 0 && string(labels) == overflowLabels.Text():
		return protocol.ReasonNone
	default:
		return c.limiter.admit(family.series.len+family.kept, 1)
	}
}

func (c *catalog) newFamily(name, help string, kind cellKind, t *aggregation) *Family {
	family := &Family{
		registry: c.registry, name: name, help: help, cellKind: kind, aggregation: t,
		kept: c.limiter.kept(kind),
	}
	family.began.Store(uint32(c.registry.clock.wall.Load()))
	c.limiter.taken += family.kept
	c.families[name] = family
	if kind != cellCheck {
		for _, suffix := range kind.suffixes() {
			c.owners[name+suffix] = family
		}
	}
	return family
}

func (c *catalog) create(family *Family, id label.ID, labels label.Labels) *Series {
	r := c.registry
	now := r.clock.seconds()
	series := &Series{labels: labels, family: family, created: uint32(r.clock.wall.Load())}
	series.seen.touch(now)
	if r.options.Series.CounterBirth == BirthZero && family.cellKind.accumulates() {
		series.showZero(now)
	}
	family.series.add(id, series)
	family.created = append(family.created, series)
	c.noteChange(family)
	c.addSeries(1)
	if family.kept > 0 && labels == overflowLabels {
		family.kept = 0 // it takes the place that was kept for it
	} else {
		c.limiter.taken++
	}
	return series
}

// createInitial creates the series that rules ask for from the start, as 0. It leaves out a series that
// cannot be created, because a limit or another family is in the way; its samples will be refused for the
// same reason, and counted.
func (c *catalog) createInitial(rules *ruleset) {
	n := newResolver(&c.registry.options.Sanitize, Tagging{}, rules)
	for _, file := range rules.files {
		for _, s := range file.rules.Initial() {
			o, t := &origins[initialKind(s.Rule)], file.aggregations[s.Rule.Index]
			x, kind := n.initial(&s, t, file.caps[s.Rule.Index]), t.cellKindOf(o)
			if x.reason != protocol.ReasonNone {
				continue
			}
			family, reason := c.join(kind, t, x.name)
			if reason != protocol.ReasonNone || family != nil && family.series.get(x.id, x.labels) != nil ||
				c.admit(family, kind, x.labels) != protocol.ReasonNone {
				continue
			}
			if family == nil {
				family = c.newFamily(string(x.name), cmp.Or(x.help, o.help), kind, t)
			}
			series := c.create(family, x.id, label.Of(string(x.labels)))
			series.createdAsZero.end() // it is shown as 0 already
			c.setUTF8(series, x.utf8)
		}
	}
}

// initialKind is the kind of the samples that the initial series of a rule are for.
func initialKind(r *mapping.Rule) protocol.Kind {
	switch r.MetricType {
	case mapping.TypeCounter.String():
		return protocol.KindCounter
	case mapping.TypeGauge.String():
		return protocol.KindGauge
	case mapping.TypeSet.String():
		return protocol.KindSet
	default:
		return protocol.KindHistogram
	}
}

// setUTF8 makes names that were sent the names of a series and of its family, unless they have some.
func (c *catalog) setUTF8(s *Series, names utf8Names) {
	f := s.family
	if names.name != nil && f.utf8Name.Load() == nil {
		f.utf8Name.Store(new(string(names.name)))
		f.utf8Version.Add(1)
		c.noteChange(f)
	}
	if names.labels != nil && s.extra().utf8Labels.Load() == nil {
		s.ownExtras().utf8Labels.Store(new(label.Of(string(names.labels))))
		f.utf8Version.Add(1)
		c.noteChange(f)
	}
}

func (c *catalog) setTTL(s *Series, ttl uint32) {
	s.ttl.Store(ttl)
	if ttl > 0 && !c.registry.mortal.Load() {
		c.registry.mortal.Store(true)
	}
}

// setLimits puts other limits in force.
func (c *catalog) setLimits(limits Limits) {
	if limits == c.limiter.limits {
		return
	}
	c.limiter.limits = limits
	for _, family := range c.families {
		kept := c.limiter.kept(family.cellKind)
		if family.folded() != nil {
			kept = 0 // it has its place
		}
		c.limiter.taken += kept - family.kept
		family.kept = kept
	}
	c.registry.roomEpoch.Add(1)
}

// addSeries counts series that are created, or with a negative number removed.
func (c *catalog) addSeries(n int) {
	c.series += n
	c.registry.keyBudget.SetSeries(c.series)
}

// noteChange notes that the next snapshot must look at family.
func (c *catalog) noteChange(family *Family) {
	if !family.changed {
		family.changed = true
		c.changed = append(c.changed, family)
	}
}

// takeChanges returns the families that were noted since the last call.
func (c *catalog) takeChanges() []change {
	changes := make([]change, len(c.changed))
	for i, family := range c.changed {
		changes[i] = change{family, family.created}
		family.created, family.changed = nil, false
	}
	c.changed = nil
	return changes
}
