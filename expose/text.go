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

// bucketLabels are the "le" labels of the buckets of a family, as they are written, the last one +Inf.
func bucketLabels(bounds []float64) []string {
	labels := make([]string, 0, len(bounds)+1)
	for _, b := range bounds {
		labels = append(labels, `le="`+string(appendValue(nil, b))+`"`)
	}
	return append(labels, `le="+Inf"`)
}

// appendHistogram appends the lines of a histogram: every bucket, cumulative, then the sum and the count.
// The labels of the buckets are those of bucketLabels; counts is room for one count each.
func appendHistogram(dst []byte, name string, s *aggregate.Series, buckets []string, counts []uint64) []byte {
	sum := s.Histogram(counts)
	for i, le := range buckets {
		dst = appendSeries(dst, name, "_bucket", s.Labels(), le)
		dst = append(strconv.AppendUint(dst, counts[i], 10), '\n')
	}
	dst = append(appendValue(appendSeries(dst, name, "_sum", s.Labels(), ""), sum), '\n')
	dst = appendSeries(dst, name, "_count", s.Labels(), "")
	return append(strconv.AppendUint(dst, counts[len(counts)-1], 10), '\n')
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
