package exponential_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weir/aggregate/exponential"
)

// Quantiles are within 1 % of the exact ones, whatever the distribution and whichever windows it came to.
func TestQuantileRelativeError(t *testing.T) {
	f := func(name string, draw func(*rand.Rand) float64) {
		t.Helper()
		windows := []*exponential.Window{
			exponential.NewWindow(5, 10), exponential.NewWindow(5, 10), exponential.NewWindow(5, 10),
		}
		random := rand.New(rand.NewPCG(1, 2))
		exact := make([]float64, 0, 50_000)
		for i := range cap(exact) {
			v := draw(random)
			exact = append(exact, v)
			windows[i%len(windows)].Observe(v, 1, 1000)
		}
		slices.Sort(exact)
		var sum exponential.Sum
		for _, w := range windows {
			sum.AddWindow(w, 1000)
		}
		if got := sum.Total(); got != uint64(len(exact)) {
			t.Errorf("%s: %d observations, want %d", name, got, len(exact))
		}
		for _, q := range []float64{0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1} {
			rank := max(1, int(math.Ceil(q*float64(len(exact)))))
			want := exact[rank-1]
			if got := sum.Quantile(q); math.Abs(got-want) > 0.01*math.Abs(want) {
				t.Errorf("%s: quantile %v = %v, want %v within 1 %%", name, q, got, want)
			}
		}
	}
	f("uniform", func(r *rand.Rand) float64 { return r.Float64() * 100 })
	f("exponential", func(r *rand.Rand) float64 { return r.ExpFloat64() / 20 })
	f("normal, both signs", func(r *rand.Rand) float64 { return r.NormFloat64() * 5 })
	f("lognormal", func(r *rand.Rand) float64 { return math.Exp(r.NormFloat64()*1.5 - 3) })
	f("pareto", func(r *rand.Rand) float64 { return 0.001 * math.Pow(1-r.Float64(), -1/1.2) })
	f("two peaks", func(r *rand.Rand) float64 {
		if r.IntN(10) == 0 {
			return 30 + r.NormFloat64()
		}
		return 0.002 + r.Float64()/1e4
	})
	f("constant", func(*rand.Rand) float64 { return 0.25 })
	f("zeros", func(r *rand.Rand) float64 { return float64(r.IntN(2)) })
}

// Quantiles lie within the least and the greatest value of the window, which q = 0 and q = 1 are exactly; a
// single value is every quantile.
func TestQuantilesAreWithinExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(observation, rapid.SampledFrom([]float64{
			0.25, 61.234, 1e300, math.Inf(1), math.Inf(-1),
		})), 1, 20).Draw(t, "values")
		windows := []*exponential.Window{exponential.NewWindow(5, 10), exponential.NewWindow(5, 10)}
		windows[0].Observe(-1e9, 3, 0) // forgotten
		windows[1].Observe(1e9, 3, 0)
		for i, v := range values {
			windows[i%2].Observe(v, uint64(1+i%3), uint32(60+i))
		}
		var sum exponential.Sum
		sum.AddWindow(windows[0], 80)
		sum.AddWindow(windows[1], 80)
		least, most := slices.Min(values), slices.Max(values)
		if got := sum.Quantile(0); got != least {
			t.Fatalf("quantile 0 = %v, want %v", got, least)
		}
		if got := sum.Quantile(1); got != most {
			t.Fatalf("quantile 1 = %v, want %v", got, most)
		}
		previous := least
		for _, q := range []float64{0.01, 0.1, 0.5, 0.9, 0.99} {
			got := sum.Quantile(q)
			if got < previous || got > most {
				t.Fatalf("quantile %v = %v, want %v to %v", q, got, previous, most)
			}
			previous = got
		}
	})
}

// A value far from the others costs nothing: not resolution, nor memory.
func TestWindowIsBounded(t *testing.T) {
	w := exponential.NewWindow(1, 10)
	for _, v := range []float64{1e-30, 0.33, 0.34, 0.35, 1e30, math.Inf(1)} {
		w.Observe(v, 1, 0)
	}
	var sum exponential.Sum
	sum.AddWindow(w, 0)
	if median := sum.Quantile(0.5); sum.Total() != 6 || !math.IsInf(sum.Quantile(1), 1) || math.Abs(median-0.34) > 0.0034 {
		t.Errorf("%d observations, median %v, last %v, want 6, about 0.34, +Inf", sum.Total(), median, sum.Quantile(1))
	}
}

// A restored window counts on from all that was ever observed, and has forgotten it.
func TestRestoreWindow(t *testing.T) {
	w := exponential.NewWindow(5, 10)
	w.Restore(40)
	w.Observe(3, 2, 7)
	var sum exponential.Sum
	sum.AddWindow(w, 7)
	if got := sum.Total(); w.Count() != 42 || got != 2 {
		t.Errorf("%d ever, %d in the window, want 42, 2", w.Count(), got)
	}
}
