package page

import (
	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
)

// Selection is the names of the families that a request asks for. Nil selects all.
type Selection map[string]bool

// has reports whether a family of the registry is selected, by either of its names.
func (s Selection) has(f *aggregate.FamilySeries) bool { return s[f.Name()] || s[f.UTF8Name()] }

// self returns the selected ones of weir's own families.
func (s Selection) self(all []*dto.MetricFamily) []*dto.MetricFamily {
	var selected []*dto.MetricFamily
	for _, f := range all {
		if s[f.GetName()] {
			selected = append(selected, f)
		}
	}
	return selected
}
