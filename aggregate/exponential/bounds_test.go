package exponential_test

import (
	"math"
	"testing"

	"weir/aggregate/exponential"
)

func TestSchemaOf(t *testing.T) {
	f := func(factor float64, want int) {
		t.Helper()
		if got := exponential.SchemaOf(factor); got != want {
			t.Errorf("SchemaOf(%v) = %d, want %d", factor, got, want)
		}
	}
	f(1.1, 3)
	f(1.2, 2)
	f(2, 0)
	f(4, -1)
	f(65536, -4)
	f(1.0000001, 8)
	for schema := -4; schema <= 8; schema++ {
		f(factorOf(schema), schema)
	}
}

// factorOf returns a bucket factor that asks for schema.
func factorOf(schema int) float64 { return math.Exp2(math.Exp2(-float64(schema))) * 1.0000001 }

// A bound belongs to the bucket that it ends; what is a little more is in the next one.
func TestBoundsAreInclusive(t *testing.T) {
	for schema := -4; schema <= 8; schema++ {
		options := exponential.Options{Schema: schema, MaxBuckets: math.MaxInt}
		octaves := 1 << max(0, -schema) // that a bucket has
		for _, exponent := range []int{-3 * octaves, 0, octaves, 5 * octaves} {
			bound := math.Ldexp(1, exponent)
			var h exponential.Histogram
			h.Observe(bound, 1, &options)
			h.Observe(math.Nextafter(bound, math.Inf(1)), 2, &options)
			b := read(&h)
			index := exponent << max(0, schema) / octaves
			if b.Buckets[positive(index)] != 1 || b.Buckets[positive(index+1)] != 2 {
				t.Errorf("schema %d: 2^%d and the next number are in %v, want buckets %d, %d", schema, exponent,
					b.Buckets, index, index+1)
			}
		}
	}
}
