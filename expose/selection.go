package expose

import (
	dto "github.com/prometheus/client_model/go"
	"github.com/valyala/fasthttp"

	"weir/aggregate"
)

// selection is the names of the families that a request asks for; nil when it asks for all.
type selection map[string]bool

// selectionOf returns the names in ?name[]=a&name[]=b, as the exporters of Prometheus understand it.
func selectionOf(query *fasthttp.Args) selection {
	names := query.PeekMulti("name[]")
	if len(names) == 0 {
		return nil
	}
	wanted := make(selection, len(names))
	for _, name := range names {
		wanted[string(name)] = true
	}
	return wanted
}

// has reports whether a family of the registry is selected, by either of its names.
func (s selection) has(f *aggregate.FamilySeries) bool { return s[f.Name()] || s[f.UTF8Name()] }

// own returns those of weir's own families that are wanted.
func (s selection) own(all []*dto.MetricFamily) []*dto.MetricFamily {
	if s == nil {
		return all
	}
	var wanted []*dto.MetricFamily
	for _, f := range all {
		if s[f.GetName()] {
			wanted = append(wanted, f)
		}
	}
	return wanted
}
