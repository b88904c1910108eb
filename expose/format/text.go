package format

import (
	"math"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/aggregate/label"
)

// text writes text 0.0.4 and 1.0.0: https://prometheus.io/docs/instrumenting/exposition_formats/.
type text struct{ textual }

// AppendFamily implements Encoder.
func (t *text) AppendFamily(dst []byte, f *Family, series []*aggregate.Series, r *Reading) []byte {
	return t.AppendSeries(t.AppendHeader(dst, f, 0), f, series, r)
}

// AppendHeader implements Encoder.
func (t *text) AppendHeader(dst []byte, f *Family, _ int) []byte {
	return t.appendTitle(dst, f.name, f.Help(), f.Type().String())
}

// AppendSeries implements Encoder.
func (t *text) AppendSeries(dst []byte, f *Family, series []*aggregate.Series, r *Reading) []byte {
	for _, s := range series {
		dst = t.appendSeries(dst, f, s, r)
	}
	return dst
}

// appendTitle appends the lines that begin a family.
func (*text) appendTitle(dst []byte, name metricName, help, typ string) []byte {
	dst = append(name.append(append(dst, "# HELP "...)), ' ')
	dst = append(dst, helpEscaper.Replace(help)...)
	dst = append(name.append(append(dst, "\n# TYPE "...)), ' ')
	return append(append(dst, typ...), '\n')
}

var helpEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`)

// AppendSelf implements Encoder.
func (t *text) AppendSelf(dst []byte, f *dto.MetricFamily, _ *Names) []byte {
	return t.appendSelfSamples(t.appendTitle(dst, metricName{text: f.GetName()}, f.GetHelp(), selfType(f)), f)
}

// AppendEnd implements Encoder.
func (*text) AppendEnd(dst []byte) []byte { return dst }

// textual writes the lines of samples, which text and OpenMetrics share.
type textual struct {
	float    func(dst []byte, v float64) []byte // appends a value
	escaping Escaping
	bounds   boundLabels

	// omits reports whether samples are left out: the sum and the count of a histogram with these bounds and
	// this sum, or, without bounds, a sum or a quantile of a summary with this value. Nil when nothing is.
	omits func(bounds []float64, value float64) bool
}

// HeaderNeedsSize implements Encoder.
func (*textual) HeaderNeedsSize() bool { return false }

// appendSeries appends the lines of a series: of a histogram every bucket, cumulative, of a summary every
// quantile, then the sum and the count.
func (t *textual) appendSeries(dst []byte, f *Family, s *aggregate.Series, r *Reading) []byte {
	labels, w := t.escaping.labelsOf(s), &r.rest
	switch f.Type() {
	case aggregate.TypeHistogram:
		sum, count, exemplars := w.Float(), uint64(0), r.takeExemplars(f)
		if len(f.Bounds()) == 0 { // native buckets, which this encoding does not show
			exemplars = newest(exemplars)
		}
		for i, le := range t.bounds.of("le", f.Bounds(), t.float) {
			count = w.Next()
			dst = t.appendName(dst, f.name, "_bucket", labels, le)
			dst = append(appendOpenExemplar(strconv.AppendUint(dst, count, 10), at(exemplars, i)), '\n')
		}
		if f.HasNative() {
			takeNative(w)
		}
		if t.omits != nil && t.omits(f.Bounds(), sum) {
			return dst
		}
		return t.appendTotals(dst, f.name, labels, sum, count)
	case aggregate.TypeSummary:
		sum, count := w.Float(), w.Next()
		for _, quantile := range t.bounds.of("quantile", f.Quantiles(), t.float) {
			if value := w.Float(); t.omits == nil || !t.omits(nil, value) {
				dst = t.appendSample(dst, f.name, "", labels, quantile, value)
			}
		}
		if t.omits != nil && t.omits(nil, sum) {
			return t.appendCount(dst, f.name, labels, count)
		}
		return t.appendTotals(dst, f.name, labels, sum, count)
	default:
		return t.appendSample(dst, f.name, "", labels, "", w.Float())
	}
}

// appendTotals appends the lines that end a histogram or a summary.
func (t *textual) appendTotals(
	dst []byte, name metricName, labels label.Labels, sum float64, count uint64,
) []byte {
	return t.appendCount(t.appendSample(dst, name, "_sum", labels, "", sum), name, labels, count)
}

func (t *textual) appendCount(dst []byte, name metricName, labels label.Labels, count uint64) []byte {
	dst = t.appendName(dst, name, "_count", labels, "")
	return append(strconv.AppendUint(dst, count, 10), '\n')
}

func (t *textual) appendSample(
	dst []byte, name metricName, suffix string, labels label.Labels, last string, value float64,
) []byte {
	return append(t.float(t.appendName(dst, name, suffix, labels, last), value), '\n')
}

// appendName appends a name and its label set; last is one more label, as it is written, or empty.
func (t *textual) appendName(
	dst []byte, name metricName, suffix string, labels label.Labels, last string,
) []byte {
	if name.isQuoted { // it stands between the braces
		dst = append(append(dst, `{"`...), name.text...)
		dst = append(append(dst, suffix...), '"')
		if !labels.IsEmpty() || last != "" {
			dst = append(dst, ',')
		}
	} else {
		dst = append(append(dst, name.text...), suffix...)
		if labels.IsEmpty() && last == "" {
			return append(dst, ' ')
		}
		dst = append(dst, '{')
	}
	dst = t.escaping.appendLabels(dst, labels)
	if !labels.IsEmpty() && last != "" {
		dst = append(dst, ',')
	}
	return append(append(dst, last...), "} "...)
}

// boundLabels keep the labels of buckets and quantiles as they are written. Families share the slices that
// they were made from: one for each aggregation of samples.
type boundLabels struct{ made map[boundKey][]string }

type boundKey struct {
	first *float64 // of the bounds; nil without bounds
	name  string   // of the label
}

// of returns the labels: for "le", that of +Inf comes last.
func (b *boundLabels) of(name string, bounds []float64, float func([]byte, float64) []byte) []string {
	key := boundKey{name: name}
	if len(bounds) > 0 {
		key.first = &bounds[0]
	}
	if made, ok := b.made[key]; ok {
		return made
	}
	const most = 1000 // when rules are replaced, those of the old ones stay until then
	if b.made == nil || len(b.made) >= most {
		b.made = make(map[boundKey][]string)
	}
	labels := make([]string, 0, len(bounds)+1)
	for _, bound := range bounds {
		labels = append(labels, name+`="`+string(float(nil, bound))+`"`)
	}
	if name == "le" {
		labels = append(labels, `le="+Inf"`)
	}
	b.made[key] = labels
	return labels
}

// maxExactInteger is the largest integer up to which every integer is a float64.
const maxExactInteger = 1 << 53

// appendValue appends a value as text has it: integers without an exponent as far as they are exact, others
// as short as they can be and still be read back as the same.
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
