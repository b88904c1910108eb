package aggregate

import (
	"slices"
	"time"

	"weir/aggregate/exponential"
)

// aggregation is what becomes of samples: of those that no rule matches, or that one rule does. It is made once
// and shared; nothing of it changes.
type aggregation struct {
	observations cellKind // what timers, histograms and distributions are: formHistogram or formSummary

	bounds []float64            // of the classic buckets of a histogram, rising; nil when there are none
	native *exponential.Options // nil when a histogram is only classic
	window *windowOptions       // of a summary

	rules *ruleset // that it is of; nil when it is of none
	ttl   uint32   // seconds without a sample after which a series expires; 0 means never
	scale float64  // what every value is multiplied by
}

// windowOptions shape a summary.
type windowOptions struct {
	quantiles    []float64
	slices       int
	sliceSeconds uint32 // length of each slice
}

func newAggregation(o *Options) *aggregation {
	t := &aggregation{observations: cellHistogram, ttl: seconds(o.Series.TTL), scale: 1}
	timers := &o.Timers
	if timers.Observer == ObserverHistogram || timers.Observer == ObserverBoth {
		t.bounds = slices.Clone(timers.Buckets)
	}
	if timers.Observer == ObserverNative || timers.Observer == ObserverBoth {
		n := &timers.Native
		t.native = &exponential.Options{
			Schema: exponential.SchemaOf(n.BucketFactor), MaxBuckets: n.MaxBuckets,
			ZeroThreshold: n.ZeroThreshold, MaxZeroThreshold: n.MaxZeroThreshold,
		}
	}
	if timers.Observer == ObserverSummary {
		t.observations = cellSummary
		t.window = newWindowOptions(timers.Quantiles, timers.MaxAge, timers.AgeBuckets)
	}
	return t
}

func newWindowOptions(quantiles []float64, maxAge time.Duration, ageBuckets int) *windowOptions {
	return &windowOptions{
		quantiles: slices.Clone(quantiles), slices: ageBuckets,
		sliceSeconds: max(1, seconds(maxAge)/uint32(ageBuckets)),
	}
}

// seconds returns d as whole seconds, rounded up.
func seconds(d time.Duration) uint32 { return uint32((d + time.Second - 1) / time.Second) }

// cellKindOf returns how series of a kind are kept.
func (t *aggregation) cellKindOf(o *origin) cellKind {
	if o.cellKind == cellHistogram {
		return t.observations
	}
	return o.cellKind
}

// fits reports whether a family that was made for t can hold series of o as well.
func (t *aggregation) fits(o *aggregation) bool {
	if t == o {
		return true
	}
	if !slices.Equal(t.bounds, o.bounds) || (t.native == nil) != (o.native == nil) ||
		(t.window == nil) != (o.window == nil) {
		return false
	}
	return (t.native == nil || *t.native == *o.native) &&
		(t.window == nil || t.window.equal(o.window))
}

func (s *windowOptions) equal(o *windowOptions) bool {
	return s.slices == o.slices && s.sliceSeconds == o.sliceSeconds && slices.Equal(s.quantiles, o.quantiles)
}
