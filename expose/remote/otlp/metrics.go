package otlp

import (
	"strings"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
)

// Metric, and the fields of Sum, Histogram and ExponentialHistogram beside the data points.
const (
	metricName, metricDescription, metricUnit = 1, 2, 3

	dataPoint       = 1 // of every kind of data
	dataTemporality = 2
	sumIsMonotonic  = 3
)

// data is the kind of data of a Metric: the number of its field. 0 is none.
type data protowire.Number

const (
	dataGauge       data = 5
	dataSum         data = 7
	dataHistogram   data = 9
	dataExponential data = 10
	dataSummary     data = 11
)

// temporality says since when values count: AggregationTemporality.
type temporality uint64

const (
	delta      temporality = 1
	cumulative temporality = 2
)

// metrics are the Metrics of a request. The last one is open as long as data points of its family come.
type metrics struct {
	temporality temporality

	closed []byte // fields of ScopeMetrics

	family *aggregate.Family // of the open metric; nil when it is one of weir's own
	data   data              // of the open metric; 0 when none is open
	title  []byte            // its fields before the data
	points []byte            // its data points, as fields of the data
}

// begin has the data points that follow be those of a family.
func (m *metrics) begin(f *aggregate.Family, d data) {
	if m.data == d && m.family == f {
		return
	}
	m.open(d, f.UTF8Name(), f.Help(), unitOf(f.Name()))
	m.family = f
}

// beginSelf has the data points that follow be those of one of weir's own families.
func (m *metrics) beginSelf(f *dto.MetricFamily) {
	m.open(selfData(f.GetType()), f.GetName(), f.GetHelp(), unitOf(f.GetName()))
	m.family = nil
}

func (m *metrics) open(d data, name, description, unit string) {
	m.end()
	m.data = d
	if !isTranslatable(name) {
		name = exported + name
	}
	m.title = appendText(m.title[:0], metricName, name)
	m.title = appendText(m.title, metricDescription, description)
	m.title = appendText(m.title, metricUnit, unit)
}

// addPoint adds a data point to the open metric.
func (m *metrics) addPoint(point []byte) { m.points = appendMessage(m.points, dataPoint, point) }

// end closes the open metric, if any. One without data points is left out.
func (m *metrics) end() {
	if len(m.points) > 0 {
		var buffer [4]byte
		rest := m.appendRest(buffer[:0])
		size := len(m.points) + len(rest)
		number := protowire.Number(m.data)
		m.closed = appendLength(m.closed, scopeMetricsMetric, len(m.title)+sizeOfMessage(number, size))
		m.closed = append(m.closed, m.title...)
		m.closed = appendLength(m.closed, number, size)
		m.closed = append(append(m.closed, m.points...), rest...)
	}
	m.family, m.data, m.points = nil, 0, m.points[:0]
}

// appendRest appends the fields of the data behind the data points.
func (m *metrics) appendRest(dst []byte) []byte {
	switch m.data {
	case dataSum:
		return appendVarint(appendVarint(dst, dataTemporality, uint64(m.temporality)), sumIsMonotonic, 1)
	case dataHistogram, dataExponential:
		return appendVarint(dst, dataTemporality, uint64(m.temporality))
	default:
		return dst
	}
}

func (m *metrics) reset() {
	m.end()
	m.closed = m.closed[:0]
}

// unitOf returns the unit that the name of a family ends in, as UCUM writes it; "" when it ends in none. A
// unit never makes a receiver change such a name.
func unitOf(name string) string {
	name = strings.TrimSuffix(name, "_total")
	switch {
	case strings.HasSuffix(name, "_seconds"):
		return "s"
	case strings.HasSuffix(name, "_bytes"):
		return "By"
	default:
		return ""
	}
}
