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

// families returns those of the registry that are wanted, in order.
func (s selection) families(all []aggregate.FamilySeries) []aggregate.FamilySeries {
	return only(s, all, func(f *aggregate.FamilySeries) bool { return s[f.Name()] || s[f.UTF8Name()] })
}

// own returns those of weir's own families that are wanted.
func (s selection) own(all []*dto.MetricFamily) []*dto.MetricFamily {
	return only(s, all, func(f **dto.MetricFamily) bool { return s[(*f).GetName()] })
}

// only returns the wanted ones of all, in a slice of their own when not all are wanted.
func only[F any](s selection, all []F, isWanted func(*F) bool) []F {
	if s == nil {
		return all
	}
	var wanted []F
	for i := range all {
		if isWanted(&all[i]) {
			wanted = append(wanted, all[i])
		}
	}
	return wanted
}
