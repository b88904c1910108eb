package self

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// alias is a second name of a family.
type alias struct {
	name string // of the family
	end  string // of the second name; self.alias_prefix is its beginning
}

// aliases are the families that have second names with self.alias_prefix.
func aliases() []alias {
	return []alias{
		{"weir_scrape_duration_seconds", "scrape_duration_seconds"},
		{"weir_scrape_size_bytes", "scrape_size_bytes"},
		{"weir_series", "series_count"},
		{"weir_cache_hits_total", "cache_hits_total"},
		{"weir_cache_misses_total", "cache_misses_total"},
		{"weir_cardinality_overflow_total", "cardinality_overflow_total"},
	}
}

// aliasing is a Gatherer that adds the families with second names. It may be used from any goroutine.
type aliasing struct {
	prefix string
	of     prometheus.Gatherer
}

// Gather implements prometheus.Gatherer. A family and the one with its second name share their series.
func (a *aliasing) Gather() ([]*dto.MetricFamily, error) {
	families, err := a.of.Gather()
	byName := func(f *dto.MetricFamily, name string) int { return cmp.Compare(f.GetName(), name) }
	var more []*dto.MetricFamily
	for _, alias := range aliases() {
		i, found := slices.BinarySearchFunc(families, alias.name, byName)
		if !found {
			continue // it has no series
		}
		f := families[i]
		more = append(more, &dto.MetricFamily{
			Name: new(a.prefix + alias.end), Help: new(f.GetHelp() + " The same as " + alias.name + "."),
			Type: f.Type, Metric: f.Metric,
		})
	}
	families = append(families, more...)
	slices.SortFunc(families, func(f, g *dto.MetricFamily) int { return byName(f, g.GetName()) })
	return families, err
}
