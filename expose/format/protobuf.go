package format

import (
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"weir/aggregate"
	"weir/aggregate/exponential"
	"weir/aggregate/label"
)

// The messages are those of io/prometheus/client/metrics.proto in github.com/prometheus/client_model.
const (
	familyName, familyHelp, familyType, familyMetric = 1, 2, 3, 4

	metricLabel, metricGauge, metricCounter, metricSummary, metricHistogram = 1, 2, 3, 4, 7

	labelName, labelValue = 1, 2

	valueValue     = 1 // of a counter and of a gauge
	counterCreated = 3

	observedCount, observedSum  = 1, 2 // of a histogram and of a summary
	summaryQuantile             = 3
	summaryCreated              = 4
	quantileQuantile            = 1
	quantileValue               = 2
	histogramBucket             = 3
	bucketCount, bucketBound    = 1, 2
	histogramSchema             = 5
	histogramZeroThreshold      = 6
	histogramZeroCount          = 7
	negativeSpan, negativeDelta = 9, 10
	positiveSpan, positiveDelta = 12, 13
	spanOffset, spanLength      = 1, 2
	histogramCreated            = 15
	timestampSeconds            = 1
	doubleSize                  = 1 + 8 // of a field with a number below 16
)

// protobuf writes delimited messages, one for each family. The length of a message stands before it.
type protobuf struct {
	labels    labelFields
	exemplars exemplarFields

	metric, inner []byte // scratch
}

// AppendFamily implements Encoder.
func (p *protobuf) AppendFamily(dst []byte, f *Family, series []*aggregate.Series, r *Reading) []byte {
	start := len(dst)
	return insertLength(p.AppendSeries(appendTitle(dst, f), f, series, r), start)
}

// AppendHeader implements Encoder.
func (p *protobuf) AppendHeader(dst []byte, f *Family, size int) []byte {
	p.inner = appendTitle(p.inner[:0], f)
	return append(appendLength(dst, len(p.inner)+size), p.inner...)
}

// HeaderNeedsSize implements Encoder.
func (*protobuf) HeaderNeedsSize() bool { return true }

// appendTitle appends the fields of a family that stand before its series.
func appendTitle(dst []byte, f *Family) []byte {
	dst = appendText(dst, familyName, f.name.text)
	dst = appendText(dst, familyHelp, f.Help())
	return appendUint(dst, familyType, uint64(protobufType(f.Type())))
}

func protobufType(t aggregate.Type) dto.MetricType {
	switch t {
	case aggregate.TypeCounter:
		return dto.MetricType_COUNTER
	case aggregate.TypeGauge:
		return dto.MetricType_GAUGE
	case aggregate.TypeHistogram:
		return dto.MetricType_HISTOGRAM
	default:
		return dto.MetricType_SUMMARY
	}
}

// AppendSeries implements Encoder.
func (p *protobuf) AppendSeries(dst []byte, f *Family, series []*aggregate.Series, r *Reading) []byte {
	for _, s := range series {
		dst = p.appendSeries(dst, f, s, r)
	}
	return dst
}

func (p *protobuf) appendSeries(dst []byte, f *Family, s *aggregate.Series, r *Reading) []byte {
	w := &r.rest
	p.metric = p.labels.append(p.metric[:0], p.labels.escaping.labelsOf(s))
	created := uint64(s.Created().Unix())
	switch f.Type() {
	case aggregate.TypeCounter:
		p.inner = appendDouble(p.inner[:0], valueValue, w.Float())
		p.inner = p.exemplars.appendExemplar(p.inner, counterExemplar, at(r.takeExemplars(f), 0))
		p.inner = appendCreatedSeconds(p.inner, counterCreated, created)
		p.metric = appendMessage(p.metric, metricCounter, p.inner)
	case aggregate.TypeGauge:
		p.inner = appendDouble(p.inner[:0], valueValue, w.Float())
		p.metric = appendMessage(p.metric, metricGauge, p.inner)
	case aggregate.TypeHistogram:
		p.inner = p.appendHistogram(p.inner[:0], f, r)
		p.inner = appendCreatedSeconds(p.inner, histogramCreated, created)
		p.metric = appendMessage(p.metric, metricHistogram, p.inner)
	default:
		p.inner = appendSummary(p.inner[:0], f.Quantiles(), w)
		p.inner = appendCreatedSeconds(p.inner, summaryCreated, created)
		p.metric = appendMessage(p.metric, metricSummary, p.inner)
	}
	return appendMessage(dst, familyMetric, p.metric)
}

// AppendSelf implements Encoder.
func (p *protobuf) AppendSelf(dst []byte, f *dto.MetricFamily, _ *Names) []byte {
	message, err := proto.MarshalOptions{}.MarshalAppend(p.metric[:0], f)
	if err != nil {
		panic("BUG: one of weir's own families is no message: " + err.Error())
	}
	p.metric = message
	return appendDelimited(dst, message)
}

// AppendEnd implements Encoder.
func (*protobuf) AppendEnd(dst []byte) []byte { return dst }

// labelFields writes label sets as fields.
type labelFields struct {
	escaping    Escaping
	name, value []byte // scratch
}

// append appends a label set.
func (f *labelFields) append(dst []byte, labels label.Labels) []byte {
	for name, value := range labels.Escaped() {
		f.name = f.escaping.appendLabelName(f.name[:0], name)
		f.value = label.AppendUnescaped(f.value[:0], value)
		dst = protowire.AppendTag(dst, metricLabel, protowire.BytesType)
		dst = appendLength(dst, 2+protowire.SizeBytes(len(f.name))+protowire.SizeBytes(len(f.value)))
		dst = appendMessage(dst, labelName, f.name)
		dst = appendMessage(dst, labelValue, f.value)
	}
	return dst
}

// appendHistogram appends the fields of a histogram. Its classic and its native buckets are read one after
// the other, beside the writers, and may differ by samples that came between. Prometheus compares the count
// with the sum of the native ones, so it is theirs, and the classic ones are cut to it.
func (p *protobuf) appendHistogram(dst []byte, f *Family, r *Reading) []byte {
	w := &r.rest
	bounds, sum, exemplars := f.Bounds(), w.Float(), r.takeExemplars(f)
	cumulative, native := w.Take(len(bounds)+1), aggregate.Words(nil)
	count := cumulative[len(bounds)]
	if f.HasNative() {
		native = takeNative(w)
		count = native[3]
	}
	dst = appendUint(dst, observedCount, count)
	dst = appendDouble(dst, observedSum, sum)
	for i, bound := range bounds {
		n := min(cumulative[i], count)
		if e := at(exemplars, i); e != nil {
			dst = p.exemplars.appendBucket(dst, n, bound, e)
			continue
		}
		dst = protowire.AppendTag(dst, histogramBucket, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(1+protowire.SizeVarint(n)+doubleSize))
		dst = appendUint(dst, bucketCount, n)
		dst = appendDouble(dst, bucketBound, bound)
	}
	if f.HasNative() {
		dst = appendNative(dst, native)
	}
	return p.exemplars.appendRest(dst, f, count, exemplars)
}

// takeNative takes the words of native buckets.
func takeNative(w *aggregate.Words) aggregate.Words {
	const head = 4
	n := head
	for range 2 {
		n += 1 + 2*int((*w)[n])
	}
	return w.Take(n)
}

func appendNative(dst []byte, w aggregate.Words) []byte {
	schema, threshold, zeros := int64(w.Next()), w.Float(), w.Next()
	w.Next() // the count
	positive := w.Take(2 * int(w.Next()))
	negative := w.Take(2 * int(w.Next()))
	dst = appendUint(dst, histogramSchema, protowire.EncodeZigZag(schema))
	dst = appendDouble(dst, histogramZeroThreshold, threshold)
	dst = appendUint(dst, histogramZeroCount, zeros)
	dst = appendBuckets(dst, negativeSpan, negativeDelta, negative)
	start := len(dst)
	dst = appendBuckets(dst, positiveSpan, positiveDelta, positive)
	if len(dst) == start {
		// Without any bucket and without breadth of the zero bucket, only this tells it from a classic one.
		dst = appendSpan(dst, positiveSpan, 0, 0)
	}
	return dst
}

// appendBuckets appends the populated buckets of one sign, each an index and a count: the spans where they
// are, and by how much the count of each differs from the one before.
func appendBuckets(dst []byte, span, delta protowire.Number, buckets aggregate.Words) []byte {
	for offset, length := range exponential.Spans(buckets) {
		dst = appendSpan(dst, span, offset, length)
	}
	for n := range exponential.Deltas(buckets) {
		dst = appendUint(dst, delta, protowire.EncodeZigZag(n))
	}
	return dst
}

func appendSpan(dst []byte, number protowire.Number, offset int64, length int) []byte {
	encoded := protowire.EncodeZigZag(offset)
	dst = protowire.AppendTag(dst, number, protowire.BytesType)
	dst = protowire.AppendVarint(dst,
		uint64(2+protowire.SizeVarint(encoded)+protowire.SizeVarint(uint64(length))))
	return appendUint(appendUint(dst, spanOffset, encoded), spanLength, uint64(length))
}

func appendSummary(dst []byte, quantiles []float64, w *aggregate.Words) []byte {
	sum, count := w.Float(), w.Next()
	dst = appendUint(dst, observedCount, count)
	dst = appendDouble(dst, observedSum, sum)
	for _, q := range quantiles {
		dst = protowire.AppendTag(dst, summaryQuantile, protowire.BytesType)
		dst = protowire.AppendVarint(dst, 2*doubleSize)
		dst = appendDouble(appendDouble(dst, quantileQuantile, q), quantileValue, w.Float())
	}
	return dst
}

func appendCreatedSeconds(dst []byte, number protowire.Number, seconds uint64) []byte {
	dst = protowire.AppendTag(dst, number, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(1+protowire.SizeVarint(seconds)))
	return appendUint(dst, timestampSeconds, seconds)
}
