package prw

import (
	"math"

	"weir/expose/format"
)

// bounds are the labels of buckets or quantiles as they are written, one for each bound. Families share the
// slices of bounds that they were made from: one for each aggregation of samples.
type bounds struct {
	first *float64 // of the bounds; nil without any

	values  []string // of the labels
	text    []byte   // in 2.0, of the request with number request
	ends    []int    // where each label ends in text
	request int
}

// at returns the label of the i-th bound.
func (b *bounds) at(i int) []byte {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.text[start:b.ends[i]]
}

func (b *bounds) encode(w *writer, name string) {
	b.text, b.ends = b.text[:0], b.ends[:0]
	for _, value := range b.values {
		b.text = w.append(b.text, name, value)
		b.ends = append(b.ends, len(b.text))
	}
}

// boundCache keeps the bounds of one label name.
type boundCache struct {
	name string
	made map[*float64]*bounds
	last *bounds
}

// of returns the labels of bounds, in the request of that number; those of buckets end with that of +Inf.
func (c *boundCache) of(w *writer, limits []float64, request int) *bounds {
	var first *float64
	if len(limits) > 0 {
		first = &limits[0]
	}
	if c.last == nil || c.last.first != first {
		c.last = c.find(w, first, limits)
	}
	if w.version == Version2 && c.last.request != request {
		c.last.encode(w, c.name)
		c.last.request = request
	}
	return c.last
}

func (c *boundCache) find(w *writer, first *float64, limits []float64) *bounds {
	if known := c.made[first]; known != nil {
		return known
	}
	const most = 1000 // when rules are replaced, those of the old ones stay until then
	if c.made == nil || len(c.made) >= most {
		c.made = make(map[*float64]*bounds)
	}
	b := &bounds{first: first, request: -1}
	for _, limit := range limits {
		b.values = append(b.values, string(format.AppendOpenValue(nil, limit)))
	}
	if c.name == bucketLabel {
		b.values = append(b.values, string(format.AppendOpenValue(nil, math.Inf(1))))
	}
	if w.version == Version1 {
		b.encode(w, c.name)
	}
	c.made[first] = b
	return b
}
