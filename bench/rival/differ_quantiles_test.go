package rival_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// observed are the observations of one summary.
type observed []float64

// contains reports whether value can be the q-quantile, whose rank may be wrong by twice the error and whose
// value by 1 %: an observation more or less does not count.
func (o observed) contains(value, q, rankError float64) bool {
	n := float64(len(o))
	low := max(0, int(math.Floor((q-2*rankError)*n))-1)
	high := min(len(o)-1, int(math.Ceil((q+2*rankError)*n)))
	return o[low]-0.01*math.Abs(o[low]) <= value && value <= o[high]+0.01*math.Abs(o[high])
}

// testQuantiles holds that the quantiles of both are right, within what they promise.
func (p programs) testQuantiles(t *testing.T) {
	const rules = `{mappings: [{match: exact.*, name: exact_$1, observer_type: summary,
		summary_options: {quantiles: [{quantile: 0.01, error: 0.001}, {quantile: 0.25, error: 0.01}, {quantile: 0.999, error: 0.0001}]}}]}`
	usual, exact := map[float64]float64{0.5: 0.05, 0.9: 0.01, 0.99: 0.001}, map[float64]float64{0.01: 0.001, 0.25: 0.01, 0.999: 0.0001}
	r := rand.New(rand.NewPCG(1, 2))
	draws := map[string]func() float64{
		"even":        r.Float64,
		"exponential": func() float64 { return r.ExpFloat64() * 100 },
		"normal":      func() float64 { return r.NormFloat64() },
		"few":         func() float64 { return float64(r.IntN(3)) },
		"one":         func() float64 { return 42 },
		"wide":        func() float64 { return math.Exp(r.NormFloat64() * 2) },
	}
	var lines []string
	families := make(map[string]observed)
	for name, draw := range draws {
		for _, size := range []int{1, 2, 3, 5, 10, 100, 3000} {
			var values observed
			for range size {
				value := draw()
				values = append(values, value)
				for _, prefix := range []string{"usual", "exact"} {
					lines = append(lines, fmt.Sprintf("%s.%s%d:%v|h", prefix, name, size, value))
				}
			}
			slices.Sort(values)
			families[fmt.Sprintf("%s%d", name, size)] = values
		}
	}
	for who, taken := range p.takeBoth(t, rules, lines, usualLast) {
		for name, values := range families {
			for prefix, quantiles := range map[string]map[float64]float64{"usual_": usual, "exact_": exact} {
				for q, rankError := range quantiles {
					series := prefix + name + "{" + pair("quantile", strconv.FormatFloat(q, 'g', -1, 64)) + "}"
					if got, found := taken.samples[series]; !found || !values.contains(got, q, rankError) {
						t.Errorf("%s: %s = %v, %t", who, series, got, found)
					}
				}
			}
		}
	}
}

// testRates holds that the counts of sampled observations are right on average where statsd_exporter rounds
// them down.
func (p programs) testRates(t *testing.T) {
	const samples, rate = 5000, 0.3
	lines := slices.Repeat([]string{fmt.Sprintf("foo:1|h|@%v", rate)}, samples)
	taken := p.takeBoth(t, "", lines, usualLast)
	if theirs := taken["statsd_exporter"].samples["foo_count"]; theirs != samples*math.Trunc(1/rate) {
		t.Errorf("statsd_exporter counts %v", theirs)
	}
	if ours := taken["weir"].samples["foo_count"]; !near(ours, samples/rate, 0.02) { // seven standard deviations
		t.Errorf("weir counts %v, want about %v", ours, samples/rate)
	}
}
