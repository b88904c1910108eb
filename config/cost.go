package config

import (
	"fmt"
	"slices"

	"weir/aggregate"
)

const (
	// manyLines is how many lines of one metric are worth a note: of some 60 bytes each, they are 60 MB.
	manyLines = 1_000_000
	// usualSeries is how many series a metric is counted with at most: a limit may be higher, or none.
	usualSeries = 10_000
)

// costs returns the notes on so many buckets that scrapes become slow: in the configuration, and in rules.
func costs(c *Config) (notes []string) {
	limits := &c.Aggregate.Limits
	series := min(limits.MaxSeriesPerMetric, limits.MaxTotalSeries, usualSeries)
	add := func(key, observer string, buckets []float64) {
		const others = 3 // +Inf, sum and count
		lines, isClassic := (len(buckets)+others)*series, observer != aggregate.ObserverNative
		if lines > manyLines && isClassic && observer != aggregate.ObserverSummary {
			notes = append(notes, fmt.Sprintf(
				"%s: %d bounds: a metric with %d series takes %d lines of each scrape: "+
					"use fewer, native histograms, or a lower cardinality.max_series_per_metric",
				key, len(buckets), series, lines))
		}
	}
	t := &c.Aggregate.Timers
	add("timers.buckets", t.Observer, t.Buckets)
	for _, rules := range c.Aggregate.Rules {
		defaults := rules.Defaults().Buckets
		add(c.Mapping.File+": defaults.buckets", rules.Defaults().Observer, defaults)
		for i := range rules.Len() {
			rule := rules.Rule(i)
			if s := &rule.Settings; !slices.Equal(s.Buckets, defaults) {
				key := fmt.Sprintf("%s:%d: mappings[%d].buckets", rule.File, rule.Line, i)
				add(key, s.Observer, s.Buckets)
			}
		}
	}
	return notes
}
