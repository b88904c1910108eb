package exponential

import (
	"math"
	"sort"
)

const minSchema, maxSchema = -4, 8

// coarser returns the index of the bucket that bucket index becomes a part of when the schema falls by shift.
func coarser(index, shift int) int { return (index + 1<<shift - 1) >> shift }

// indexOf returns the index of the bucket of schema that value, more than 0, is in. Infinity is one beyond
// the largest number.
func indexOf(value float64, schema int) int {
	beyond := 0
	if math.IsInf(value, 1) {
		value, beyond = math.MaxFloat64, 1
	}
	fraction, exponent := math.Frexp(value) // value = fraction * 2^exponent, fraction in [0.5, 1)
	if schema > 0 {
		bounds := fractions(schema)
		return sort.SearchFloat64s(bounds, fraction) + (exponent-1)*len(bounds) + beyond
	}
	if fraction == 0.5 { // a power of two is in the bucket that it bounds
		exponent--
	}
	return coarser(exponent, -schema) + beyond
}

// upperBound returns the upper bound of a bucket; that of the bucket of infinity is infinite.
func upperBound(index, schema int) float64 {
	fraction, exponent := 0.5, index<<max(0, -schema)+1
	if schema > 0 {
		bounds := fractions(schema)
		fraction, exponent = bounds[index&(len(bounds)-1)], index>>schema+1
	}
	if fraction == 0.5 && exponent == 1025 {
		return math.MaxFloat64 // 2^1024 is no float64, and nothing lies between
	}
	return math.Ldexp(fraction, exponent)
}

// SchemaOf returns the coarsest schema whose buckets grow by at most factor, more than 1.
func SchemaOf(factor float64) int {
	schema := int(-math.Floor(math.Log2(math.Log2(factor))))
	return min(max(schema, minSchema), maxSchema)
}

// fractions returns the bounds of the buckets in [0.5, 1) of a schema above 0.
func fractions(schema int) []float64 { return fractionTables[schema-1] }

// fractionTables are computed, down to the last bit, as the bounds of Prometheus's client libraries are:
// every other one is that of the schema below, those between are a factor from their neighbours.
var fractionTables = func() (tables [maxSchema][]float64) {
	coarser := []float64{0.5}
	for i := range tables {
		bounds := make([]float64, 0, 2*len(coarser))
		factor := math.Exp2(math.Exp2(-float64(i + 1)))
		for _, bound := range coarser {
			bounds = append(bounds, bound, bound*factor)
		}
		tables[i], coarser = bounds, bounds
	}
	return tables
}()
