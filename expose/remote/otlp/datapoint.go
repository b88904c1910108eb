package otlp

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/point"
)

// NumberDataPoint, HistogramDataPoint, SummaryDataPoint and ValueAtQuantile. All data points have their times
// under the same numbers, and those with a count have it and the sum under the same ones.
const (
	pointStart, pointTime = 2, 3
	pointCount, pointSum  = 4, 5

	numberValue, numberExemplar      = 4, 5
	numberAttribute, numberFlags     = 7, 8
	histogramCounts, histogramBounds = 6, 7
	histogramExemplar                = 8
	histogramAttribute               = 9
	histogramFlags                   = 10
	summaryQuantile                  = 6
	summaryAttribute, summaryFlags   = 7, 8
	quantileQuantile, quantileValue  = 1, 2
	flagNoRecordedValue              = 1 // of DataPointFlags
)

// draft is the data point that is written at the moment. It keeps its memory.
type draft struct {
	body       []byte
	attributes attributes
	exemplars  exemplars
	dense      dense
}

// begin begins a data point with the fields that all have in common.
func (d *draft) begin(attribute protowire.Number, labels label.Labels, p point.Point) {
	d.body = d.attributes.append(d.body[:0], attribute, labels)
	d.body = appendTime(appendTime(d.body, pointStart, p.Start), pointTime, p.At)
}

// mark adds the flag that says that the series ended.
func (d *draft) mark(flags protowire.Number, p point.Point) {
	if p.What == point.Stale {
		d.body = appendVarint(d.body, flags, flagNoRecordedValue)
	}
}

// totals are the count and the sum of a histogram or a summary.
func (d *draft) totals(count uint64, sum float64) {
	d.body = appendCount(d.body, pointCount, count)
	d.body = appendDouble(d.body, pointSum, sum)
}

// number makes the draft a NumberDataPoint. One of a series that ended has no value.
func (d *draft) number(labels label.Labels, p point.Point, v float64, all []*aggregate.Exemplar) {
	d.begin(numberAttribute, labels, p)
	if p.What != point.Stale {
		d.body = appendDouble(d.body, numberValue, p.Float(v))
	}
	d.body = d.exemplars.append(d.body, numberExemplar, all)
	d.mark(numberFlags, p)
}

// classic is what the words of a series have of classic buckets. Without words it is 0.
type classic struct {
	bounds     []float64
	cumulative []uint64 // of each bound; nil when all are 0
	sum        float64
	count      uint64
}

// takeClassic returns the classic buckets of a series. Its native buckets are read beside the writers too,
// and may differ by samples that came between: the classic ones are cut to their count, as in a scrape.
func takeClassic(f *aggregate.Family, w aggregate.Words) classic {
	c := classic{bounds: f.Bounds()}
	if w == nil {
		return c
	}
	c.sum = w.Float()
	c.cumulative = w.Take(len(c.bounds))
	c.count = w.Next()
	if len(w) > nativeCount {
		c.count = w[nativeCount]
	}
	return c
}

// histogram makes the draft a HistogramDataPoint. It has its bounds and a sum also when the series ended: a
// receiver that keeps a series for each of them ends those.
func (d *draft) histogram(labels label.Labels, p point.Point, c classic, all []*aggregate.Exemplar) {
	d.begin(histogramAttribute, labels, p)
	d.totals(c.count, c.sum)
	if len(c.bounds) > 0 {
		d.appendCounts(&c)
		d.body = appendLength(d.body, histogramBounds, fixedSize*len(c.bounds))
		for _, bound := range c.bounds {
			d.body = protowire.AppendFixed64(d.body, math.Float64bits(bound))
		}
	}
	d.body = d.exemplars.append(d.body, histogramExemplar, all)
	d.mark(histogramFlags, p)
}

// appendCounts appends the count of each bucket, that of +Inf as the last.
func (d *draft) appendCounts(c *classic) {
	d.body = appendLength(d.body, histogramCounts, fixedSize*(len(c.bounds)+1))
	before := uint64(0)
	for i := range c.bounds {
		n := before
		if c.cumulative != nil {
			n = min(c.cumulative[i], c.count)
		}
		d.body = protowire.AppendFixed64(d.body, n-before)
		before = n
	}
	d.body = protowire.AppendFixed64(d.body, c.count-before)
}

// exponential makes the draft an ExponentialHistogramDataPoint.
func (d *draft) exponential(labels label.Labels, p point.Point, n native, all []*aggregate.Exemplar) {
	shift := 0
	for max(breadth(n.positive, shift), breadth(n.negative, shift)) > maxDense {
		shift++
	}
	d.begin(exponentialAttribute, labels, p)
	d.totals(n.count, n.sum)
	if scale := n.schema - int64(shift); scale != 0 {
		d.body = appendVarint(d.body, exponentialScale, protowire.EncodeZigZag(scale))
	}
	d.body = appendCount(d.body, exponentialZeroCount, n.zeros)
	d.body = d.dense.append(d.body, exponentialPositive, n.positive, shift)
	d.body = d.dense.append(d.body, exponentialNegative, n.negative, shift)
	d.mark(exponentialFlags, p)
	d.body = d.exemplars.append(d.body, exponentialExemplar, all)
	d.body = appendNonzero(d.body, exponentialZeroThreshold, n.threshold)
}

// quantiles is what the words of a summary have.
type quantiles struct {
	quantiles []float64
	values    aggregate.Words // floats, one for each quantile; nil when there are no values
	sum       float64
	count     uint64
}

func takeSummary(f *aggregate.Family, w aggregate.Words) quantiles {
	q := quantiles{quantiles: f.Quantiles()}
	if w != nil {
		q.sum, q.count = w.Float(), w.Next()
		q.values = w
	}
	return q
}

// summary makes the draft a SummaryDataPoint. Before the first value no quantile has a value. When the series
// ended it has its quantiles: a receiver that keeps a series for each of them ends those.
func (d *draft) summary(labels label.Labels, p point.Point, q quantiles) {
	d.begin(summaryAttribute, labels, p)
	d.body = appendCount(d.body, pointCount, q.count)
	d.body = appendNonzero(d.body, pointSum, q.sum)
	if p.What != point.Zero {
		for _, quantile := range q.quantiles {
			value := 0.0
			if q.values != nil {
				value = q.values.Float()
			}
			d.quantile(quantile, value)
		}
	}
	d.mark(summaryFlags, p)
}

func (d *draft) quantile(quantile, value float64) {
	var buffer [2 * (1 + fixedSize)]byte
	message := appendNonzero(buffer[:0], quantileQuantile, quantile)
	d.body = appendMessage(d.body, summaryQuantile, appendNonzero(message, quantileValue, value))
}

// firstFloat returns the value of a counter or a gauge; 0 without words.
func firstFloat(w aggregate.Words) float64 {
	if w == nil {
		return 0
	}
	return w.Float()
}
