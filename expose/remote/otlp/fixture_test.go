package otlp_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"weir/aggregate"
	"weir/expose/format/formattest"
	"weir/expose/remote/otlp"
	"weir/expose/remote/point"
)

// schema is a FileDescriptorSet of opentelemetry/proto/metrics/v1/metrics.proto and what it imports, as
// go.opentelemetry.io/proto/otlp v1.11.1 has it. bench/rival holds it equal to the generated code.
//
//go:embed testdata/metrics.binpb
var schema []byte

// decode returns a request as a message, and fails when it has a field that the schema does not know, or a
// byte too much.
func decode(t formattest.T, request []byte) proto.Message {
	t.Helper()
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(schema, &set); err != nil {
		t.Fatalf("the schema: %v", err)
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		t.Fatalf("the schema: %v", err)
	}
	found, err := files.FindDescriptorByName("opentelemetry.proto.metrics.v1.MetricsData")
	if err != nil {
		t.Fatalf("the schema: %v", err)
	}
	message := dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor))
	if err := proto.Unmarshal(request, message); err != nil {
		t.Fatalf("the request is no message: %v", err)
	}
	again, err := proto.Marshal(message)
	if err != nil || len(again) != len(request) {
		t.Fatalf("%d bytes, but the message takes %d: %v", len(request), len(again), err)
	}
	known := dynamicpb.NewMessage(message.Descriptor())
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(request, known); err != nil || !proto.Equal(known, message) {
		t.Fatalf("the request has fields that the schema does not know: %v", err)
	}
	return message
}

// text returns the metrics of a request as JSON, without what all requests have in common.
func text(t formattest.T, request []byte) string {
	t.Helper()
	made, err := protojson.Marshal(decode(t, request))
	if err != nil {
		t.Fatalf("%v", err)
	}
	var data struct {
		ResourceMetrics []struct {
			ScopeMetrics []struct{ Metrics json.RawMessage }
		}
	}
	if err := json.Unmarshal(made, &data); err != nil || len(data.ResourceMetrics) != 1 {
		t.Fatalf("%d resources in %s: %v", len(data.ResourceMetrics), made, err)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, data.ResourceMetrics[0].ScopeMetrics[0].Metrics); err != nil {
		t.Fatalf("%v", err)
	}
	return b.String()
}

// options returns options with few buckets and quantiles.
func options() aggregate.Options {
	o := aggregate.DefaultOptions()
	o.Timers.Buckets, o.Timers.Quantiles = []float64{1, 2}, []float64{0.5}
	o.Series.ExemplarTags = []string{"trace_id", "span_id", "user"}
	return o
}

// registryOf returns a registry with recorded lines.
func registryOf(t formattest.T, o *aggregate.Options, lines ...string) *aggregate.Registry {
	t.Helper()
	registry := aggregate.New(*o)
	formattest.Record(t, registry.NewShard(), lines...)
	return registry
}

// addAll adds every series of a registry: what Add adds, and then what AddNative does.
func addAll(e *otlp.Encoder, registry *aggregate.Registry, p point.Point) {
	values := aggregate.Values{Native: true}
	for _, isNative := range []bool{false, true} {
		for _, f := range registry.Snapshot().Families {
			values.Reset()
			values.Read(f.Family, f.Series)
			for i, s := range f.Series {
				exemplars := make([]*aggregate.Exemplar, f.ExemplarPlaces())
				s.Exemplars(exemplars)
				w := values.Of(i)
				if p.What != point.Value {
					w, exemplars = nil, nil
				}
				switch {
				case !isNative:
					e.Add(f.Family, s, w, exemplars, p)
				case f.HasNative():
					e.AddNative(f.Family, s, w, exemplars, p)
				}
			}
		}
	}
}

// request returns the request of a registry.
func request(e *otlp.Encoder, registry *aggregate.Registry, p point.Point) []byte {
	addAll(e, registry, p)
	return e.AppendTo(nil)
}

func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}
