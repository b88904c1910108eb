package format_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"weir/aggregate"
	"weir/expose/format"
	"weir/expose/format/formattest"
	"weir/protocol"
)

// addExemplars adds to messages the exemplars of a registry that have something to stand beside. OpenMetrics has no
// place for more than one of native buckets.
func addExemplars(registry *aggregate.Registry, families []*dto.MetricFamily, isOpen bool) {
	for i, f := range registry.Snapshot().Families {
		all := make([]*aggregate.Exemplar, f.ExemplarPlaces())
		for k, s := range f.Series {
			s.Exemplars(all)
			m := families[i].GetMetric()[k]
			switch {
			case m.Counter != nil && m.GetCounter().GetValue() != 0:
				m.Counter.Exemplar = messageOf(all[0])
			case m.Histogram != nil && len(f.Bounds()) > 0:
				before := uint64(0)
				for place, b := range m.Histogram.GetBucket() {
					if b.GetCumulativeCount() > before {
						b.Exemplar = messageOf(all[place])
					}
					before = b.GetCumulativeCount()
				}
			case m.Histogram != nil && m.GetHistogram().GetSampleCount() > 0:
				for _, e := range all { // all are as old
					if e != nil && !isOpen {
						m.Histogram.Exemplars = append(m.Histogram.Exemplars, messageOf(e))
					} else if e != nil && m.Histogram.Bucket[0].Exemplar == nil {
						m.Histogram.Bucket[0].Exemplar = messageOf(e)
					}
				}
			}
		}
	}
}

func messageOf(e *aggregate.Exemplar) *dto.Exemplar {
	if e == nil {
		return nil
	}
	m := &dto.Exemplar{Value: new(e.Value), Timestamp: timestamppb.New(time.Unix(e.Timestamp, 0))}
	for name, value := range e.Labels.All() {
		m.Label = append(m.Label, &dto.LabelPair{Name: new(name), Value: new(value)})
	}
	return m
}

// traced returns a registry in which trace_id becomes exemplars, at a known time.
func traced(observer string) *aggregate.Registry {
	options := aggregate.DefaultOptions()
	options.Series.ExemplarTags = []string{"trace_id"}
	options.Timers.Observer, options.Timers.Buckets = observer, []float64{0.1, 1}
	registry := aggregate.New(options)
	registry.Tick(traceStart)
	return registry
}

var traceStart = time.Unix(1_900_000_000, 0)

func recordTraced(shard *aggregate.Shard, kind protocol.Kind, name string, value float64, traceID string) {
	m := protocol.Sample{Name: []byte(name), Kind: kind, Value: value, Rate: 1, Text: []byte("x")}
	if traceID != "" {
		m.Tags = []byte("zone:a,trace_id:" + traceID)
	}
	shard.Record(&m)
}

// sampleLines returns the lines of samples.
func sampleLines(text []byte) string {
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestExemplarsInOpenMetrics(t *testing.T) {
	registry := traced(aggregate.ObserverHistogram)
	shard := registry.NewShard()
	recordTraced(shard, protocol.KindCounter, "hits_total", 3, "ab")
	recordTraced(shard, protocol.KindCounter, "hits", 3, "ab") // of type unknown, and takes the name of hits_total
	recordTraced(shard, protocol.KindCounter, "jobs_total", 0.5, `a"\`)
	recordTraced(shard, protocol.KindGauge, "level", 3, "ab")
	recordTraced(shard, protocol.KindSet, "users", 3, "ab")
	recordTraced(shard, protocol.KindTimer, "time", 50, "ab")
	recordTraced(shard, protocol.KindTimer, "time", 5000, "cd")
	recordTraced(shard, protocol.KindTimer, "time", 5000, "ef")
	f := func(as format.Format, want string) {
		t.Helper()
		renderer := &formattest.Exposition{}
		renderer.Format = as
		if diff := cmp.Diff(want, sampleLines(renderer.Encode(registry))); diff != "" {
			t.Errorf("format %d: -want +got:\n%s", as, diff)
		}
	}
	f(format.OpenMetrics, `hits{zone="a"} 3.0
hits_total{zone="a"} 3.0
jobs_total{zone="a"} 0.5 # {trace_id="a\"\\"} 0.5 1900000000
level{zone="a"} 3.0
time_bucket{zone="a",le="0.1"} 1 # {trace_id="ab"} 0.05 1900000000
time_bucket{zone="a",le="1.0"} 1
time_bucket{zone="a",le="+Inf"} 3 # {trace_id="cd"} 5.0 1900000000
time_sum{zone="a"} 10.05
time_count{zone="a"} 3
users{zone="a"} 1.0
`)
	const text = `hits{zone="a"} 3
hits_total{zone="a"} 3
jobs_total{zone="a"} 0.5
level{zone="a"} 3
time_bucket{zone="a",le="0.1"} 1
time_bucket{zone="a",le="1"} 1
time_bucket{zone="a",le="+Inf"} 3
time_sum{zone="a"} 10.05
time_count{zone="a"} 3
users{zone="a"} 1
`
	f(format.Text, text)
	f(format.Text1, text)
}

// Native buckets have their exemplars in protobuf, and the newest of them in OpenMetrics.
func TestExemplarsOfNativeBuckets(t *testing.T) {
	registry := traced(aggregate.ObserverNative)
	shard := registry.NewShard()
	recordTraced(shard, protocol.KindHistogram, "size", 4, "new")
	recordTraced(shard, protocol.KindHistogram, "size", 9, "old")
	registry.Tick(traceStart.Add(time.Second))
	recordTraced(shard, protocol.KindHistogram, "size", 5, "new")
	renderer := &formattest.Exposition{}
	renderer.Format = format.OpenMetrics
	const want = `size_bucket{zone="a",le="+Inf"} 3 # {trace_id="new"} 5.0 1900000001` + "\n"
	if got := sampleLines(renderer.Encode(registry)); !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	renderer = &formattest.Exposition{}
	renderer.Format = format.Protobuf
	h := formattest.Decode(t, bytes.NewReader(renderer.Encode(registry)))[0].GetMetric()[0].GetHistogram()
	var got []string
	for _, e := range h.GetExemplars() {
		got = append(got, fmt.Sprint(e.GetLabel()[0].GetValue(), e.GetValue(), e.GetTimestamp().GetSeconds()))
	}
	if diff := cmp.Diff([]string{"new5 1900000001", "old9 1900000000"}, got); diff != "" || len(h.GetBucket()) > 0 {
		t.Errorf("-want +got:\n%s\nof %v", diff, h)
	}
}

// A new counter shows 0, which no sample stands for, until a scrape got that.
func TestCreatedAsZeroHasNoExemplar(t *testing.T) {
	options := aggregate.DefaultOptions()
	options.Series.ExemplarTags, options.Series.CounterBirth = []string{"trace_id"}, aggregate.BirthZero
	registry := aggregate.New(options)
	shard := registry.NewShard()
	recordTraced(shard, protocol.KindCounter, "hits_total", 3, "ab")
	recordTraced(shard, protocol.KindTimer, "time", 3, "ab")
	renderer := &formattest.Exposition{}
	renderer.Format = format.OpenMetrics
	if text := sampleLines(renderer.Encode(registry)); strings.Contains(text, "trace_id") {
		t.Errorf("%s", text)
	}
	registry.Snapshot().Served()
	registry.Tick(time.Now().Add(time.Minute))
	if text := sampleLines(renderer.Encode(registry)); strings.Count(text, "trace_id") != 2 {
		t.Errorf("later:\n%s", text)
	}
}
