package expose

import (
	"math"
	"strconv"
	"strings"

	"weir/aggregate"
)

// The exposition format: https://prometheus.io/docs/instrumenting/exposition_formats/, text 0.0.4.

// appendHeader appends the lines that begin a family.
func appendHeader(dst []byte, f *aggregate.Family) []byte {
	dst = append(append(append(dst, "# HELP "...), f.Name()...), ' ')
	dst = appendHelp(dst, f.Help())
	dst = append(append(append(dst, "\n# TYPE "...), f.Name()...), ' ')
	return append(append(dst, f.Type().String()...), '\n')
}

// appendHelp appends help, escaped as the format wants.
func appendHelp(dst []byte, help string) []byte {
	return append(dst, helpEscaper.Replace(help)...)
}

var helpEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`)

// appendSample appends the line of a counter or a gauge.
func appendSample(dst []byte, name string, s *aggregate.Series) []byte {
	dst = appendSeries(dst, name, "", s.Labels(), "")
	return append(appendValue(dst, s.Value()), '\n')
}

// appendSeries appends a name and its label set; last is one more label, as it is written, or empty.
func appendSeries(dst []byte, name, suffix, labels, last string) []byte {
	dst = append(append(dst, name...), suffix...)
	if labels != "" || last != "" {
		dst = append(append(dst, '{'), labels...)
		if labels != "" && last != "" {
			dst = append(dst, ',')
		}
		dst = append(append(dst, last...), '}')
	}
	return append(dst, ' ')
}

// boundLabels are the labels "le" of buckets, or "quantile" of quantiles, as they are written.
func boundLabels(name string, bounds []float64) []string {
	labels := make([]string, 0, len(bounds)+1)
	for _, b := range bounds {
		labels = append(labels, name+`="`+string(appendValue(nil, b))+`"`)
	}
	return labels
}

// appendHistogram appends the lines of a histogram: every bucket, cumulative, then the sum and the count.
// buckets are the labels of the buckets.
func appendHistogram(dst []byte, name, labels string, buckets []string, o *aggregate.Observations) []byte {
	for i, le := range buckets {
		dst = appendSeries(dst, name, "_bucket", labels, le)
		dst = append(strconv.AppendUint(dst, o.Buckets[i], 10), '\n')
	}
	return appendTotals(dst, name, labels, o.Sum, o.Count)
}

// appendSummary appends the lines of a summary: every quantile, then the sum and the count. quantiles are the
// labels of the quantiles.
func appendSummary(dst []byte, name, labels string, quantiles []string, o *aggregate.Observations) []byte {
	for i, quantile := range quantiles {
		dst = appendSeries(dst, name, "", labels, quantile)
		dst = append(appendValue(dst, o.Quantiles[i]), '\n')
	}
	return appendTotals(dst, name, labels, o.Sum, o.Count)
}

// appendTotals appends the lines that end a histogram or a summary.
func appendTotals(dst []byte, name, labels string, sum float64, count uint64) []byte {
	dst = append(appendValue(appendSeries(dst, name, "_sum", labels, ""), sum), '\n')
	dst = appendSeries(dst, name, "_count", labels, "")
	return append(strconv.AppendUint(dst, count, 10), '\n')
}

// maxExactInteger is the largest integer up to which every integer is a float64.
const maxExactInteger = 1 << 53

// appendValue appends a value: integers without an exponent as far as they are exact, others as short as
// they can be and still be read back as the same.
func appendValue(dst []byte, v float64) []byte {
	switch {
	case v == math.Trunc(v) && math.Abs(v) <= maxExactInteger:
		return strconv.AppendInt(dst, int64(v), 10)
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "+Inf"...)
	case math.IsInf(v, -1):
		return append(dst, "-Inf"...)
	default:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	}
}
