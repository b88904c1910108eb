package expose

import (
	"math"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// appendOwn appends one of weir's own families, by the same rules as those of the registry. It is on the
// cold path: there are about a hundred such series. TestOwnFamilies holds it equal to what expfmt makes of
// them.
func appendOwn(dst []byte, f *dto.MetricFamily) []byte {
	name := f.GetName()
	dst = append(append(append(dst, "# HELP "...), name...), ' ')
	dst = appendHelp(dst, f.GetHelp())
	dst = append(append(append(dst, "\n# TYPE "...), name...), ' ')
	dst = append(append(dst, ownType(f)...), '\n')
	for _, m := range f.GetMetric() {
		labels := ownLabels(m.GetLabel())
		switch {
		case m.Histogram != nil:
			dst = appendOwnHistogram(dst, name, labels, m.Histogram)
		case m.Summary != nil:
			for _, q := range m.Summary.GetQuantile() {
				quantile := `quantile="` + string(appendValue(nil, q.GetQuantile())) + `"`
				dst = appendOwnSample(dst, name, "", labels, quantile, q.GetValue())
			}
			dst = appendTotals(dst, name, labels, m.Summary.GetSampleSum(), m.Summary.GetSampleCount())
		default: // one of these is set
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
			dst = appendOwnSample(dst, name, "", labels, "", value)
		}
	}
	return dst
}

// ownType returns the type as the text format knows it: a gauge histogram is a histogram there.
func ownType(f *dto.MetricFamily) string {
	if f.GetType() == dto.MetricType_GAUGE_HISTOGRAM {
		return "histogram"
	}
	return strings.ToLower(f.GetType().String())
}

func appendOwnHistogram(dst []byte, name, labels string, h *dto.Histogram) []byte {
	for _, b := range h.GetBucket() {
		if math.IsInf(b.GetUpperBound(), 1) {
			continue // some histograms have it among their buckets; it is written below for all
		}
		le := `le="` + string(appendValue(nil, b.GetUpperBound())) + `"`
		dst = appendSeries(dst, name, "_bucket", labels, le)
		dst = append(strconv.AppendUint(dst, b.GetCumulativeCount(), 10), '\n')
	}
	dst = appendSeries(dst, name, "_bucket", labels, `le="+Inf"`)
	dst = append(strconv.AppendUint(dst, h.GetSampleCount(), 10), '\n')
	return appendTotals(dst, name, labels, h.GetSampleSum(), h.GetSampleCount())
}

func appendOwnSample(dst []byte, name, suffix, labels, last string, value float64) []byte {
	return append(appendValue(appendSeries(dst, name, suffix, labels, last), value), '\n')
}

// ownLabels renders a label set, which is sorted by name already.
func ownLabels(pairs []*dto.LabelPair) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p.GetName() + `="` + labelEscaper.Replace(p.GetValue()) + `"`)
	}
	return b.String()
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
