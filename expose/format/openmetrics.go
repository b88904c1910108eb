package format

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/aggregate"
	"weir/aggregate/label"
)

// OpenMetrics 1.0: https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md. For one
// line that is not as it wants it, Prometheus rejects a whole exposition.
//
// The format demands that samples of a counter end in "_total", and names the family without that. Names must
// not depend on the format that a scraper happens to ask for, so nothing is ever appended: a counter of
// another name is of type unknown, as client libraries have it. So is "x_total" beside another family
// "x": two families of one name would be invalid.

// A sum is a counter there: it must not be negative, and a histogram with a negative bound must have none. So
// the sum is left out while it is negative, and the count of a histogram with it, since the format has both
// or neither: the bucket of +Inf is the count. Negative quantiles are left out.

// isForbidden reports whether OpenMetrics forbids the sum of a histogram with these bounds, or, without
// bounds, a sum or a quantile.
func isForbidden(bounds []float64, value float64) bool {
	return value < 0 || len(bounds) > 0 && bounds[0] < 0
}

// openMetrics writes OpenMetrics 1.0.
type openMetrics struct {
	textual

	created bool // "_created" lines are wanted
}

// AppendFamily implements Encoder.
func (o *openMetrics) AppendFamily(dst []byte, f *Family, series []*aggregate.Series, r *Reading) []byte {
	return o.AppendSeries(o.AppendHeader(dst, f, 0), f, series, r)
}

// AppendHeader implements Encoder.
func (o *openMetrics) AppendHeader(dst []byte, f *Family, _ int) []byte {
	return o.appendTitle(dst, f.name, f.Help(), f.Type().String(), f.taken)
}

// AppendSeries implements Encoder.
func (o *openMetrics) AppendSeries(dst []byte, f *Family, series []*aggregate.Series, r *Reading) []byte {
	for _, s := range series {
		dst = o.appendSeries(dst, f, s, r)
	}
	return dst
}

// appendTitle appends the lines that begin a family, whose type is as text has it.
func (*openMetrics) appendTitle(dst []byte, name metricName, help, typ string, c taken) []byte {
	if typ == "counter" {
		name, typ = openCounter(name, c)
	}
	dst = append(name.append(append(dst, "# HELP "...)), ' ')
	dst = append(dst, openHelpEscaper.Replace(help)...)
	dst = append(name.append(append(dst, "\n# TYPE "...)), ' ')
	return append(append(dst, typ...), '\n')
}

var openHelpEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// openCounter returns the family name of a counter, and its type.
func openCounter(name metricName, c taken) (family metricName, typ string) {
	if c.total {
		return name, "unknown"
	}
	name.text = strings.TrimSuffix(name.text, "_total")
	return name, "counter"
}

// appendSeries appends the lines of a series.
func (o *openMetrics) appendSeries(dst []byte, f *Family, s *aggregate.Series, r *Reading) []byte {
	dst = o.textual.appendSeries(dst, f, s, r)
	if f.Type() == aggregate.TypeCounter {
		exemplar := at(r.takeExemplars(f), 0)
		if exemplar != nil && !f.taken.total { // samples of type unknown have none
			end := len(dst) - 1 // the newline
			dst = append(appendOpenExemplar(dst[:end], exemplar), '\n')
		}
	}
	if !o.created || f.taken.created || f.Type() == aggregate.TypeGauge {
		return dst
	}
	name := f.name
	if f.Type() == aggregate.TypeCounter { // of another name it has no such line: see takenOf
		name, _ = openCounter(name, f.taken)
	}
	return o.appendCreated(dst, name, o.escaping.labelsOf(s), s.Created())
}

// appendCreated appends when a series was created, as seconds since 1970, exactly.
func (o *openMetrics) appendCreated(dst []byte, name metricName, labels label.Labels, at time.Time) []byte {
	dst = strconv.AppendInt(o.appendName(dst, name, "_created", labels, ""), at.Unix(), 10)
	if ns := at.Nanosecond(); ns != 0 {
		dst = append(dst, '.')
		for digit := int(1e8); ns > 0; digit /= 10 {
			dst = append(dst, '0'+byte(ns/digit))
			ns %= digit
		}
	}
	return append(dst, '\n')
}

// AppendSelf implements Encoder.
func (o *openMetrics) AppendSelf(dst []byte, f *dto.MetricFamily, n *Names) []byte {
	typ := selfType(f)
	c := n.takenOf(f.GetName(), typ == "counter")
	if typ == "untyped" {
		typ = "unknown"
	}
	dst = o.appendTitle(dst, metricName{text: f.GetName()}, f.GetHelp(), typ, c)
	if name, unit := selfOpenName(f, c), f.GetUnit(); unit != "" && strings.HasSuffix(name, "_"+unit) {
		dst = append(dst, "# UNIT "+name+" "+unit+"\n"...)
	}
	return o.appendSelfSamples(dst, f)
}

// selfOpenName returns the name of a family's metadata.
func selfOpenName(f *dto.MetricFamily, c taken) string {
	if f.GetType() != dto.MetricType_COUNTER {
		return f.GetName()
	}
	name, _ := openCounter(metricName{text: f.GetName()}, c)
	return name.text
}

// AppendEnd implements Encoder: without this line, the exposition counts as cut.
func (*openMetrics) AppendEnd(dst []byte) []byte { return append(dst, "# EOF\n"...) }

// AppendOpenValue appends a value as expfmt does, in the spellings that OpenMetrics calls canonical: a float
// is never without a point or an exponent. Prometheus 3 keeps bounds and quantiles so, whatever the format.
func AppendOpenValue(dst []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return appendValue(dst, v)
	}
	if v == 0 { // of either sign
		return append(dst, "0.0"...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'g', -1, 64)
	if !bytes.ContainsAny(dst[start:], "e.") {
		dst = append(dst, ".0"...)
	}
	return dst
}
