package aggregate

import (
	"cmp"

	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// bearInitialLocked brings the series to life that rules ask for from the start, as 0. One that there
// cannot be (a limit, or another family, is in the way) is left out; its samples will be refused for the
// same reason, and counted.
func (r *Registry) bearInitialLocked() {
	n := namer{options: r.options.Sanitize, matcher: newMatcher(r.rules.Load())}
	for _, file := range r.rules.Load().files {
		for _, s := range file.rules.Initial() {
			o, t := initialOrigin(s.Rule), file.treatments[s.Rule.Index]
			named := n.initial(&s, t, file.caps[s.Rule.Index])
			family, reason := r.familyLocked(o, t, named.name)
			if reason != protocol.ReasonNone || family != nil && family.series.get(named.id, named.labels) != nil ||
				r.admitLocked(family, t.formOf(o), named.labels) != protocol.ReasonNone {
				continue
			}
			if family == nil {
				family = r.newFamilyLocked(string(named.name), cmp.Or(named.help, o.help), t.formOf(o), t)
			}
			series := r.bearLocked(family, named.id, label.Of(string(named.labels)))
			series.newborn.end() // it is shown as 0 already
			series.spellLocked(named.spelled)
		}
	}
}

func initialOrigin(r *mapping.Rule) *origin {
	switch r.MetricType {
	case mapping.TypeCounter.String():
		return &origins[protocol.KindCounter]
	case mapping.TypeGauge.String():
		return &origins[protocol.KindGauge]
	case mapping.TypeSet.String():
		return &origins[protocol.KindSet]
	default:
		return &origins[protocol.KindHistogram]
	}
}

func (n *namer) initial(s *mapping.InitialSeries, t *treatment, caps []labelCap) naming {
	n.reset()
	n.setName([]byte(s.Name), nil)
	n.addLabels(s.Labels)
	return n.finish(naming{help: s.Rule.Help, treatment: t, caps: caps})
}
