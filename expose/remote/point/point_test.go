package point_test

import (
	"math"
	"testing"

	"github.com/prometheus/common/model"

	"weir/aggregate"
	"weir/expose/format/formattest"
	"weir/expose/remote/point"
)

func TestFloat(t *testing.T) {
	f := func(what point.What, want float64) {
		t.Helper()
		got := point.Point{What: what}.Float(7)
		if math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("what %d: %x, want %x", what, math.Float64bits(got), math.Float64bits(want))
		}
	}
	f(point.Value, 7)
	f(point.Zero, 0)
	f(point.Stale, math.Float64frombits(0x7ff0000000000002))
	if got := model.SampleValue(point.Point{What: point.Stale}.Float(7)); got.String() != "NaN" {
		t.Errorf("to a reader that knows no markers it is %s, want NaN", got)
	}
}

func TestSamplesOf(t *testing.T) {
	f := func(line, observer string, want int) {
		t.Helper()
		o := aggregate.DefaultOptions()
		o.Timers.Observer, o.Timers.Buckets, o.Timers.Quantiles = observer, []float64{1, 2}, []float64{.5, .9, .99}
		registry := aggregate.New(o)
		formattest.Record(t, registry.NewShard(), line)
		family := registry.Snapshot().Families[0].Family
		if got := point.SamplesOf(family); got != want {
			t.Errorf("%s as %s: %d samples, want %d", line, observer, got, want)
		}
	}
	f("a:1|c", aggregate.ObserverHistogram, 1)
	f("a:1|g", aggregate.ObserverHistogram, 1)
	f("a:x|s", aggregate.ObserverHistogram, 1)
	f("a:1|h", aggregate.ObserverHistogram, 5)
	f("a:1|h", aggregate.ObserverBoth, 5)
	f("a:1|h", aggregate.ObserverNative, 0)
	f("a:1|h", aggregate.ObserverSummary, 5)
}

// The times of a point say nothing of its value.
func TestFloatKeepsTimesApart(t *testing.T) {
	p := point.Point{At: 2000, Start: 1000}
	if got := p.Float(math.Inf(1)); !math.IsInf(got, 1) {
		t.Errorf("%v, want +Inf as it was read", got)
	}
}
