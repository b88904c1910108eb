package workload

import (
	"errors"
	"fmt"

	"weir/protocol"
)

const (
	// MaxSeries is the most series of a workload.
	MaxSeries = 10_000_000
	// MaxTags is the most tags of a line.
	MaxTags = 8
)

// Spec says what lines to generate. Its zero value is not valid: there is no workload without series.
type Spec struct {
	// Seed chooses among the workloads of one shape. Any value.
	Seed uint64
	// Series is how many distinct (name, tags) there are, 1 to MaxSeries.
	Series int
	// Tags is how many tags each line has, 0 to MaxTags. Without tags every series has a name of its own;
	// with tags there are about a dozen names of each kind, and more when a name would have over 1,000
	// series.
	Tags int
	// Mix is how the series, and so the lines, are spread over the kinds. The zero value is RealisticMix.
	Mix Mix
	// SampledShare is the share of the counter lines that have a sample rate of 0.5, 0.25 or 0.1, 0 to 1.
	SampledShare float64
	// PackedShare is the share of the lines of counters, timers, histograms and distributions that have
	// two to four values, "a:1:2:3|c", 0 to 1.
	PackedShare float64
	// Dialect is how tags are written. The zero value is DogStatsD.
	Dialect Dialect
}

// Validate returns every mistake in s joined, nil without any.
func (s *Spec) Validate() error {
	var errs []error
	bad := func(field string, value any, allowed string) {
		errs = append(errs, fmt.Errorf("%s: %v: want %s", field, value, allowed))
	}
	if s.Series < 1 || s.Series > MaxSeries {
		bad("series", s.Series, fmt.Sprintf("1 to %d", MaxSeries))
	}
	if s.Tags < 0 || s.Tags > MaxTags {
		bad("tags", s.Tags, fmt.Sprintf("0 to %d", MaxTags))
	}
	for kind, weight := range s.Mix {
		if weight < 0 {
			bad("mix of "+protocol.Kind(kind).String(), weight, "at least 0")
		}
	}
	if !(s.SampledShare >= 0 && s.SampledShare <= 1) {
		bad("sampled share", s.SampledShare, "0 to 1")
	}
	if !(s.PackedShare >= 0 && s.PackedShare <= 1) {
		bad("packed share", s.PackedShare, "0 to 1")
	}
	if s.Dialect >= NumDialects {
		bad("dialect", uint8(s.Dialect), fmt.Sprintf("0 to %d", NumDialects-1))
	}
	return errors.Join(errs...)
}

// seriesPerKind spreads the series over the kinds by weight: each goes to the kind that has the fewest for
// its weight (the method of Adams), so that every kind gets its first early.
func (s *Spec) seriesPerKind() [protocol.NumKinds]int {
	mix := s.Mix
	if mix == (Mix{}) {
		mix = RealisticMix()
	}
	var counts [protocol.NumKinds]int
	for range s.Series {
		poorest := 0
		for kind, weight := range mix {
			ours, theirs := weight*counts[poorest], mix[poorest]*counts[kind]
			if ours > theirs || ours == theirs && weight > mix[poorest] {
				poorest = kind
			}
		}
		counts[poorest]++
	}
	return counts
}
