package otlp

import (
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/point"
)

// ExportMetricsServiceRequest, ResourceMetrics, Resource and ScopeMetrics. The scope has no name, since
// VictoriaMetrics makes labels of it.
const (
	requestResourceMetrics  = 1
	resourceMetricsResource = 1
	resourceMetricsScopes   = 2
	resourceAttributes      = 1
	scopeMetricsMetric      = 2
)

// Encoder makes OTLP requests out of series. It belongs to one goroutine.
type Encoder struct {
	resource []byte // the field of ResourceMetrics
	metrics  metrics
	draft    draft
	samples  int
}

// NewEncoder returns an encoder of cumulative values, whose resource has the external labels.
func NewEncoder(external label.Labels) *Encoder { return newEncoder(external, cumulative) }

// NewDeltaEncoder returns an encoder of values that count since the time before: what Point.Start says.
func NewDeltaEncoder(external label.Labels) *Encoder { return newEncoder(external, delta) }

func newEncoder(external label.Labels, t temporality) *Encoder {
	return &Encoder{
		resource: appendMessage(nil, resourceMetricsResource, appendResource(nil, external)),
		metrics:  metrics{temporality: t},
		draft:    draft{attributes: newAttributes(external)},
	}
}

// Add adds the value, the classic buckets or the quantiles of a series as a data point; nothing of a
// histogram that has native buckets alone. w are its words, nil where p does not ask for its values;
// exemplars has one for each place of the family, or is nil.
func (e *Encoder) Add(
	f *aggregate.Family, s *aggregate.Series, w aggregate.Words, exemplars []*aggregate.Exemplar,
	p point.Point,
) {
	if point.SamplesOf(f) == 0 {
		return
	}
	d := &e.draft
	labels := s.UTF8Labels()
	switch f.Type() {
	case aggregate.TypeCounter:
		e.metrics.begin(f, dataSum)
		d.number(labels, p, firstFloat(w), exemplars)
	case aggregate.TypeGauge:
		e.metrics.begin(f, dataGauge)
		p.Start = 0
		d.number(labels, p, firstFloat(w), nil)
	case aggregate.TypeHistogram:
		e.metrics.begin(f, dataHistogram)
		d.histogram(labels, p, takeClassic(f, w), exemplars)
	default:
		e.metrics.begin(f, dataSummary)
		d.summary(labels, p, takeSummary(f, w))
	}
	e.addPoint()
}

// AddNative adds the native buckets of a series of a family that has them, in the same way.
func (e *Encoder) AddNative(
	f *aggregate.Family, s *aggregate.Series, w aggregate.Words, exemplars []*aggregate.Exemplar,
	p point.Point,
) {
	e.metrics.begin(f, dataExponential)
	e.draft.exponential(s.UTF8Labels(), p, takeNative(f, w), exemplars)
	e.addPoint()
}

func (e *Encoder) addPoint() {
	e.metrics.addPoint(e.draft.body)
	e.samples++
}

// AddSelf adds one of weir's own families.
func (e *Encoder) AddSelf(f *dto.MetricFamily, p point.Point) {
	e.metrics.beginSelf(f)
	for _, m := range f.GetMetric() {
		selfPoint(&e.draft, m, p)
		e.addPoint()
	}
}

// AddMetadata does nothing: every Metric has its own.
func (*Encoder) AddMetadata(*aggregate.Family) {}

// Samples returns how many data points were added since the last Reset.
func (e *Encoder) Samples() int { return e.samples }

// AppendTo appends the request. One without data points is empty.
func (e *Encoder) AppendTo(dst []byte) []byte {
	e.metrics.end()
	if e.samples == 0 {
		return dst
	}
	metrics := e.metrics.closed
	inResource := len(e.resource) + sizeOfMessage(resourceMetricsScopes, len(metrics))
	dst = append(appendLength(dst, requestResourceMetrics, inResource), e.resource...)
	return appendMessage(dst, resourceMetricsScopes, metrics)
}

// Reset begins the next request.
func (e *Encoder) Reset() {
	e.metrics.reset()
	e.samples = 0
}

// sizeOfMessage returns how many bytes a field with a message of n bytes takes.
func sizeOfMessage(number protowire.Number, n int) int {
	return protowire.SizeTag(number) + protowire.SizeBytes(n)
}
