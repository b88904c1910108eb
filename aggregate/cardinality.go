package aggregate

// HighestCardinalityLabel returns the label of a family that has the most distinct values, and how many: the
// label to look at when a limit refuses series of the family. When the registry has no family of that name,
// the family with the most series counts. The label is "" when the family has no labels.
//
// It walks every series of the family. Call it only when there is something to warn about.
func (r *Registry) HighestCardinalityLabel(metric string) (label string, values int) {
	var family FamilySeries
	for _, f := range r.Snapshot().Families {
		if f.name == metric {
			family = f
			break
		}
		if len(f.Series) > len(family.Series) {
			family = f
		}
	}
	distinct := make(map[string]map[string]struct{})
	for _, s := range family.Series {
		for name, value := range s.labels.Escaped() {
			if distinct[name] == nil {
				distinct[name] = make(map[string]struct{})
			}
			distinct[name][value] = struct{}{}
		}
	}
	for name, seen := range distinct {
		if len(seen) > values || len(seen) == values && name < label {
			label, values = name, len(seen)
		}
	}
	return label, values
}
