package format

import (
	"math"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate/label"
)

// appendSelfSamples appends the samples of one of weir's own families, by the same rules as those of the
// registry. TestSelfFamilies holds it equal to what expfmt makes of them.
func (t *textual) appendSelfSamples(dst []byte, f *dto.MetricFamily) []byte {
	name := metricName{text: f.GetName()}
	for _, m := range f.GetMetric() {
		labels := selfLabels(m.GetLabel())
		switch {
		case m.Histogram != nil:
			dst = t.appendSelfHistogram(dst, name, labels, m.Histogram)
		case m.Summary != nil:
			for _, q := range m.Summary.GetQuantile() {
				quantile := `quantile="` + string(t.float(nil, q.GetQuantile())) + `"`
				dst = t.appendSample(dst, name, "", labels, quantile, q.GetValue())
			}
			dst = t.appendTotals(dst, name, labels, m.Summary.GetSampleSum(), m.Summary.GetSampleCount())
		default: // one of these is set
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
			dst = t.appendSample(dst, name, "", labels, "", value)
		}
	}
	return dst
}

// selfType returns the type as the text format knows it: a gauge histogram is a histogram there.
func selfType(f *dto.MetricFamily) string {
	if f.GetType() == dto.MetricType_GAUGE_HISTOGRAM {
		return "histogram"
	}
	return strings.ToLower(f.GetType().String())
}

func (t *textual) appendSelfHistogram(
	dst []byte, name metricName, labels label.Labels, h *dto.Histogram,
) []byte {
	for _, b := range h.GetBucket() {
		if math.IsInf(b.GetUpperBound(), 1) {
			continue // some histograms have it among their buckets; it is written below for all
		}
		le := `le="` + string(t.float(nil, b.GetUpperBound())) + `"`
		dst = t.appendName(dst, name, "_bucket", labels, le)
		dst = append(strconv.AppendUint(dst, b.GetCumulativeCount(), 10), '\n')
	}
	dst = t.appendName(dst, name, "_bucket", labels, `le="+Inf"`)
	dst = append(strconv.AppendUint(dst, h.GetSampleCount(), 10), '\n')
	return t.appendTotals(dst, name, labels, h.GetSampleSum(), h.GetSampleCount())
}

// selfLabels returns a label set, which is sorted by name already.
func selfLabels(pairs []*dto.LabelPair) label.Labels {
	var text, value []byte
	for _, p := range pairs {
		value = label.AppendEscaped(value[:0], p.GetValue())
		text = label.Append(text, []byte(p.GetName()), value)
	}
	return label.Of(string(text))
}
