package point

import (
	"math"

	"weir/aggregate"
)

// What says which value of a series is written.
type What uint8

// The values that are written of a series.
const (
	// Value is what was read.
	Value What = iota
	// Zero is 0 before the first value of a new series, so that the increase to that value is seen.
	Zero
	// Stale says that the series ended: see [StaleBits].
	Stale
)

// StaleBits are the bits of the float that Prometheus takes for the end of a series (model/value.StaleNaN).
const StaleBits = 0x7ff0000000000002

// Point says when and what is written of a series. Times are milliseconds since 1970.
type Point struct {
	// At is the time of the sample.
	At int64
	// Start is since when a cumulative value counts; 0 means unknown.
	Start int64
	// What is which value is written.
	What What
}

// Float returns what is written at p for a float that was read.
func (p Point) Float(read float64) float64 {
	switch p.What {
	case Zero:
		return 0
	case Stale:
		return math.Float64frombits(StaleBits)
	default:
		return read
	}
}

// SamplesOf returns how many float samples each series of a family makes.
func SamplesOf(f *aggregate.Family) int {
	const sumAndCount = 2
	switch f.Type() {
	case aggregate.TypeHistogram:
		if len(f.Bounds()) == 0 && f.HasNative() {
			return 0
		}
		return len(f.Bounds()) + 1 + sumAndCount
	case aggregate.TypeSummary:
		return len(f.Quantiles()) + sumAndCount
	default:
		return 1
	}
}
