package prw

import (
	"math"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"weir/aggregate/label"
	"weir/expose/format"
	"weir/expose/remote/point"
)

// AddSelf adds one of weir's own families, as float samples. They have some hundred series: this is not
// optimised. A sample counts since its metric says it was created, otherwise since p says it.
func (e *Encoder) AddSelf(f *dto.MetricFamily, p point.Point) {
	r := &e.request
	typ := selfType(f)
	if typ != typeCounter && typ != typeHistogram && typ != typeSummary && p.What == point.Zero {
		return
	}
	r.family.of = nil
	r.family.begin(&r.writer, f.GetName(), typ, f.GetHelp(), selfUnit(f))
	for _, m := range f.GetMetric() {
		p := p
		if created := selfCreated(m); created != nil {
			p.Start = created.AsTime().UnixMilli()
		}
		r.setPoint(p)
		switch {
		case m.Histogram != nil:
			r.labels.make(&r.writer, selfLabels(m), e.buckets)
			e.addSelfHistogram(m.Histogram)
		case m.Summary != nil:
			r.labels.make(&r.writer, selfLabels(m), e.quantiles)
			e.addSelfSummary(m.Summary)
		default: // one of these is set
			r.labels.make(&r.writer, selfLabels(m), e.plain)
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
			times := r.time
			if m.Counter != nil {
				times = r.times
			}
			r.addFloat(r.family.base, nil, value, times, nil)
		}
	}
}

// AddSelfMetadata is AddMetadata for one of weir's own families.
func (e *Encoder) AddSelfMetadata(f *dto.MetricFamily) {
	if e.request.writer.version == Version1 {
		e.metadata = appendMetadata(e.metadata, f.GetName(), selfType(f), f.GetHelp(), selfUnit(f))
	}
}

func (e *Encoder) addSelfHistogram(h *dto.Histogram) {
	r := &e.request
	count := float64(h.GetSampleCount())
	for _, b := range h.GetBucket() {
		if !math.IsInf(b.GetUpperBound(), 1) { // some have it among their buckets; it is below for all
			le := e.selfBound(bucketLabel, b.GetUpperBound())
			r.addFloat(r.family.bucket, le, float64(b.GetCumulativeCount()), r.times, nil)
		}
	}
	r.addFloat(r.family.bucket, e.selfBound(bucketLabel, math.Inf(1)), count, r.times, nil)
	r.addFloat(r.family.sum, nil, h.GetSampleSum(), r.times, nil)
	r.addFloat(r.family.count, nil, count, r.times, nil)
}

func (e *Encoder) addSelfSummary(s *dto.Summary) {
	r := &e.request
	for _, q := range s.GetQuantile() {
		if r.at.What != point.Zero {
			r.addFloat(r.family.base, e.selfBound(quantileLabel, q.GetQuantile()), q.GetValue(), r.time, nil)
		}
	}
	r.addFloat(r.family.sum, nil, s.GetSampleSum(), r.times, nil)
	r.addFloat(r.family.count, nil, float64(s.GetSampleCount()), r.times, nil)
}

// selfBound returns the label of a bucket or a quantile as it is written.
func (e *Encoder) selfBound(name string, bound float64) []byte {
	return e.request.writer.append(nil, name, string(format.AppendOpenValue(nil, bound)))
}

func selfLabels(m *dto.Metric) label.Labels {
	var b label.Builder
	for _, l := range m.GetLabel() {
		b.Add(l.GetName(), l.GetValue())
	}
	return b.Labels()
}

func selfCreated(m *dto.Metric) *timestamppb.Timestamp {
	switch {
	case m.Counter != nil:
		return m.GetCounter().GetCreatedTimestamp()
	case m.Histogram != nil:
		return m.GetHistogram().GetCreatedTimestamp()
	default:
		return m.GetSummary().GetCreatedTimestamp()
	}
}

func selfUnit(f *dto.MetricFamily) string {
	if unit := f.GetUnit(); unit != "" {
		return unit
	}
	return point.UnitOf(f.GetName())
}

// selfType returns the type as metadata has it: a gauge histogram is a histogram, as in expositions.
func selfType(f *dto.MetricFamily) uint64 {
	switch f.GetType() {
	case dto.MetricType_COUNTER:
		return typeCounter
	case dto.MetricType_GAUGE:
		return typeGauge
	case dto.MetricType_HISTOGRAM, dto.MetricType_GAUGE_HISTOGRAM:
		return typeHistogram
	case dto.MetricType_SUMMARY:
		return typeSummary
	default:
		return typeUnknown
	}
}
