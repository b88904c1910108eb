package aggregate

import (
	"cmp"

	"weir/aggregate/label"
	"weir/aggregate/mapping"
	"weir/protocol"
)

// createInitialLocked brings the series to life that rules ask for from the start, as 0. One that there
// cannot be (a limit, or another family, is in the way) is left out; its samples will be refused for the
// same reason, and counted.
func (r *Registry) createInitialLocked() {
	n := newResolver(&r.options.Sanitize, Tagging{}, r.rules.Load())
	for _, file := range r.rules.Load().files {
		for _, s := range file.rules.Initial() {
			o, t := initialOrigin(s.Rule), file.aggregations[s.Rule.Index]
			identity := n.initial(&s, t, file.caps[s.Rule.Index])
			family, reason := r.familyLocked(o, t, identity.name)
			if reason != protocol.ReasonNone || family != nil && family.series.get(identity.id, identity.labels) != nil ||
				r.admitLocked(family, t.cellKindOf(o), identity.labels) != protocol.ReasonNone {
				continue
			}
			if family == nil {
				family = r.newFamilyLocked(string(identity.name), cmp.Or(identity.help, o.help), t.cellKindOf(o), t)
			}
			series := r.createLocked(family, identity.id, label.Of(string(identity.labels)))
			series.createdAsZero.end() // it is shown as 0 already
			series.setUTF8Locked(identity.utf8)
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
