package otlp_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/otlp"
	"weir/expose/remote/point"
	"weir/protocol"
)

// External labels are attributes of the resource.
func TestResource(t *testing.T) {
	f := func(external string, want ...string) {
		t.Helper()
		o := options()
		labels, err := label.Parse(external)
		if err != nil {
			t.Fatal(err)
		}
		made, err := protojson.Marshal(decode(t, request(otlp.NewEncoder(labels), registryOf(t, &o, "a:1|g"), point.Point{})))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := json.Compact(&b, made); err != nil {
			t.Fatal(err)
		}
		resource, _, _ := strings.Cut(b.String(), `,"scopeMetrics":[{"metrics":[`)
		var attributes []string
		for i := 0; i < len(want); i += 2 {
			attributes = append(attributes, `{"key":"`+want[i]+`","value":{"stringValue":"`+want[i+1]+`"}}`)
		}
		all := `{"attributes":[` + strings.Join(attributes, ",") + `]}`
		if len(want) == 0 {
			all = `{}`
		}
		equal(t, external, resource, `{"resourceMetrics":[{"resource":`+all)
	}
	f("")
	f(`job="weir",instance="a:1",cluster="eu"`, "cluster", "eu", "service.instance.id", "a:1", "service.name", "weir")
	f(`cluster="C:\\"`, "cluster", `C:\\`)
	f(`"service.name"="x"`, "service.name", "x")
	f(`"service.name"="x",job="y"`, "service.name", "y") // attributes have unique names
}

// A label that is an external one as well is renamed, as Prometheus does, until its name is free.
func TestCollidingLabels(t *testing.T) {
	f := func(external, tags string, want ...string) {
		t.Helper()
		o := options()
		o.Sanitize.Names = aggregate.NamesUTF8
		e := otlp.NewEncoder(label.Of(external))
		var attributes []string
		for i := 0; i < len(want); i += 2 {
			attributes = append(attributes, `{"key":"`+want[i]+`","value":{"stringValue":"`+want[i+1]+`"}}`)
		}
		got := text(t, request(e, registryOf(t, &o, "a:1|g|#"+tags), point.Point{}))
		equal(t, tags, got, `[{"name":"a","description":"StatsD gauge.","gauge":{"dataPoints":[{"attributes":[`+
			strings.Join(attributes, ",")+`],"asDouble":1}]}}]`)
	}
	f(`job="weir"`, "job:a,zone:b", "exported_job", "a", "zone", "b")
	f(`job="weir"`, "job:a,exported_job:b", "exported_job", "b", "exported_exported_job", "a")
	f(`exported_job="x",job="weir"`, "job:a", "exported_exported_job", "a")
	f(`exported_job="x",job="weir"`, "job:a,exported_job:b",
		"exported_exported_job", "b", "exported_exported_exported_job", "a")
	f(`"a.b"="x"`, `a.b:C\`, "exported_a.b", `C\\`)
	f(`job="weir"`, "job2:b,jo:c", "jo", "c", "job2", "b")
	f(`job="weir"`, "_:a,b:c", "exported__", "a", "b", "c") // Prometheus would refuse "__"
	f(`job="weir"`, "_:a,exported__:b", "exported_exported__", "a", "exported__", "b")
	f(`exported_job2="x",job="weir",job2="x"`, "job2:a,job:b", "exported_job", "b", "exported_exported_job2", "a")
}

// Whatever tags are sent, every name and value comes back as the registry has it.
func TestArbitraryAttributes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := options()
		o.Sanitize.Names = rapid.SampledFrom([]string{aggregate.NamesLegacy, aggregate.NamesUTF8}).Draw(t, "names")
		tag := rapid.StringOfN(rapid.SampledFrom([]rune("ab.=\\\"ü0:-_ ")), 1, 6, -1)
		tags := strings.Join(rapid.SliceOfN(tag, 0, 5).Draw(t, "tags"), ",")
		registry := aggregate.New(o)
		registry.NewShard().Record(&protocol.Sample{Name: []byte("x"), Tags: []byte(tags), Value: 1, Rate: 1})
		m := decode(t, request(otlp.NewEncoder(label.Of(`job="j"`)), registry, at)).ProtoReflect()
		points := path(t, m, "resource_metrics", "scope_metrics", "metrics", "sum", "data_points").List()
		var b label.Builder
		list := path(t, points.Get(0).Message(), "attributes").List()
		for i := range list.Len() {
			pair := list.Get(i).Message()
			b.Add(path(t, pair, "key").String(), path(t, pair, "value", "string_value").String())
		}
		var want label.Builder
		for name, value := range registry.Snapshot().Families[0].Series[0].UTF8Labels().All() {
			if strings.Trim(name, "_.-=:ü ") == "" { // no name could be made of it
				name = "exported_" + name
			}
			want.Add(name, value)
		}
		if got, want := b.Labels(), want.Labels(); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	})
}
