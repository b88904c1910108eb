package otlp_test

import (
	"math"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"weir/aggregate/label"
	"weir/expose/remote/otlp"
	"weir/expose/remote/point"
)

// Weir's own families of every type become what OTLP has for it.
func TestSelf(t *testing.T) {
	own := prometheus.NewRegistry()
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h_seconds", Help: "h", Buckets: []float64{1, 2}})
	histogram.Observe(1.5)
	summary := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s", Help: "s", Objectives: map[float64]float64{0.5: 0.05}})
	summary.Observe(3)
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total", Help: "c"}, []string{"job", "kind"})
	counter.WithLabelValues("j", "").Add(2)
	counter.WithLabelValues("j", "k").Add(3)
	own.MustRegister(histogram, summary, counter,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "g", Help: "g"}, func() float64 { return 4 }),
		prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "u", Help: "u"}, func() float64 { return 5 }))
	gathered, err := own.Gather()
	if err != nil {
		t.Fatal(err)
	}
	e := otlp.NewEncoder(label.Of(`job="weir"`))
	for _, f := range gathered {
		for _, m := range f.GetMetric() { // it is now, in client_golang
			created := &timestamppb.Timestamp{Seconds: 1}
			switch {
			case m.Counter != nil:
				m.Counter.CreatedTimestamp = created
			case m.Histogram != nil:
				m.Histogram.CreatedTimestamp = created
			case m.Summary != nil:
				m.Summary.CreatedTimestamp = created
			}
		}
		e.AddSelf(f, point.Point{At: 2000})
	}
	const (
		times      = `"startTimeUnixNano":"1000000000","timeUnixNano":"2000000000"`
		cumulative = `"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"`
		job        = `{"key":"exported_job","value":{"stringValue":"j"}}`
	)
	equal(t, "metrics", text(t, e.AppendTo(nil)),
		`[{"name":"c_total","description":"c","sum":{"dataPoints":[{"attributes":[`+job+`],`+times+`,"asDouble":2},`+
			`{"attributes":[`+job+`,{"key":"kind","value":{"stringValue":"k"}}],`+times+`,"asDouble":3}],`+cumulative+`,"isMonotonic":true}},`+
			`{"name":"g","description":"g","gauge":{"dataPoints":[{"timeUnixNano":"2000000000","asDouble":4}]}},`+
			`{"name":"h_seconds","description":"h","unit":"s","histogram":{"dataPoints":[{`+times+
			`,"count":"1","sum":1.5,"bucketCounts":["0","1","0"],"explicitBounds":[1,2]}],`+cumulative+`}},`+
			`{"name":"s","description":"s","summary":{"dataPoints":[{`+times+
			`,"count":"1","sum":3,"quantileValues":[{"quantile":0.5,"value":3}]}]}},`+
			`{"name":"u","description":"u","gauge":{"dataPoints":[{"timeUnixNano":"2000000000","asDouble":5}]}}]`)
	if e.Samples() != 6 {
		t.Errorf("%d data points, want 6", e.Samples())
	}
}

// A bucket of +Inf is not written twice, and a gauge histogram is a histogram.
func TestSelfInfiniteBucket(t *testing.T) {
	e := otlp.NewEncoder(label.Labels{})
	h := &dto.Histogram{SampleCount: new(uint64(3)), SampleSum: new(float64(4)), Bucket: []*dto.Bucket{
		{UpperBound: new(1.0), CumulativeCount: new(uint64(1))},
		{UpperBound: new(math.Inf(1)), CumulativeCount: new(uint64(3))},
	}}
	e.AddSelf(&dto.MetricFamily{
		Name: new("h"), Type: dto.MetricType_GAUGE_HISTOGRAM.Enum(), Metric: []*dto.Metric{{Histogram: h}},
	}, at)
	equal(t, "metrics", text(t, e.AppendTo(nil)), `[{"name":"h","histogram":{"dataPoints":[{"startTimeUnixNano":"1000000000",`+
		`"timeUnixNano":"2000000000","count":"3","sum":4,"bucketCounts":["1","2"],"explicitBounds":[1]}],`+
		`"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"}}]`)
}
