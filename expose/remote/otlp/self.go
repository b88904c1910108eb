package otlp

import (
	"math"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/point"
)

// selfData returns what a family of weir's own is written as. OTLP has neither gauge histograms nor values
// without a type.
func selfData(t dto.MetricType) data {
	switch t {
	case dto.MetricType_COUNTER:
		return dataSum
	case dto.MetricType_HISTOGRAM, dto.MetricType_GAUGE_HISTOGRAM:
		return dataHistogram
	case dto.MetricType_SUMMARY:
		return dataSummary
	default:
		return dataGauge
	}
}

// selfPoint makes d the data point of one of weir's own series. It is not optimised: they are few.
func selfPoint(d *draft, m *dto.Metric, p point.Point) {
	labels := selfLabels(m.GetLabel())
	switch {
	case m.Histogram != nil:
		h := m.GetHistogram()
		d.histogram(labels, since(p, h.GetCreatedTimestamp()), selfBuckets(h), nil)
	case m.Summary != nil:
		s := m.GetSummary()
		d.summary(labels, since(p, s.GetCreatedTimestamp()), selfQuantiles(s))
	case m.Counter != nil:
		c := m.GetCounter()
		d.number(labels, since(p, c.GetCreatedTimestamp()), c.GetValue(), nil)
	default:
		p.Start = 0
		d.number(labels, p, m.GetGauge().GetValue()+m.GetUntyped().GetValue(), nil)
	}
}

// since returns p with the time of a creation as the start, if it is known.
func since(p point.Point, created *timestamppb.Timestamp) point.Point {
	if created != nil {
		p.Start = created.AsTime().UnixMilli()
	}
	return p
}

func selfBuckets(h *dto.Histogram) classic {
	c := classic{sum: h.GetSampleSum(), count: h.GetSampleCount()}
	for _, b := range h.GetBucket() {
		if math.IsInf(b.GetUpperBound(), 1) {
			continue // some histograms have it among their buckets; OTLP has it always
		}
		c.bounds = append(c.bounds, b.GetUpperBound())
		c.cumulative = append(c.cumulative, b.GetCumulativeCount())
	}
	return c
}

func selfQuantiles(s *dto.Summary) quantiles {
	q := quantiles{sum: s.GetSampleSum(), count: s.GetSampleCount(), values: aggregate.Words{}}
	for _, quantile := range s.GetQuantile() {
		q.quantiles = append(q.quantiles, quantile.GetQuantile())
		q.values = append(q.values, math.Float64bits(quantile.GetValue()))
	}
	return q
}

func selfLabels(pairs []*dto.LabelPair) label.Labels {
	var b label.Builder
	for _, p := range pairs {
		b.Add(p.GetName(), p.GetValue())
	}
	return b.Labels()
}
