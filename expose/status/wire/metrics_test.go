package wire_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"weir/expose/status/wire"
)

// What is not known is null, and a list is never null.
func TestFamilies(t *testing.T) {
	same(t, wire.Families{Families: []wire.Family{}}, `{"families":[],"total":0}`)
	same(t, wire.Families{
		Families: []wire.Family{{
			Name: "a", Type: "counter", Kind: "counter", Series: 1, ExposedBytes: 2, Senders: []wire.FamilySender{}, Names: []string{},
		}},
		Total: 7, Next: "x",
	}, `{"families":[{"name":"a","type":"counter","kind":"counter","help":"","series":1,"samples_per_second":null,"share":null,`+
		`"last_seen_at":null,"created_at":null,"exposed_bytes":2,"new_per_minute":0,"senders":[],"senders_more":0,"rule":null,"names":[],`+
		`"limit":0,"refused":0}],"total":7,"next":"x"}`)
	rate, at := 4510.5, 1795591656.0
	same(t, wire.Families{
		Families: []wire.Family{{
			Name: "a_b", Type: "gauge", Kind: "set", Help: "h", Series: 240, SamplesPerSecond: &rate, Share: &rate, LastSeenAt: &at, CreatedAt: &at,
			NewPerMinute: 3, History: []float64{1}, SendersMore: 1, Rule: &wire.RuleRef{File: "m.yml", Line: 12, Match: "a.*"},
			Senders: []wire.FamilySender{{Name: "php", PID: 4711, SamplesPerSecond: &rate}, {Name: "10.0.0.1", Address: "10.0.0.1"}},
			Names:   []string{`a.b<b>`}, Limit: 1000, Refused: 5,
		}},
		Estimated: true, Sample: "1 in 10 lines",
	}, `{"families":[{"name":"a_b","type":"gauge","kind":"set","help":"h","series":240,"samples_per_second":4510.5,"share":4510.5,`+
		`"last_seen_at":1795591656,"created_at":1795591656,"exposed_bytes":0,"new_per_minute":3,"history":[1],`+
		`"senders":[{"name":"php","pid":4711,"samples_per_second":4510.5},{"name":"10.0.0.1","address":"10.0.0.1","samples_per_second":null}],`+
		`"senders_more":1,"rule":{"file":"m.yml","line":12,"match":"a.*"},"names":["a.b\u003cb\u003e"],"limit":1000,"refused":5}],`+
		`"total":0,"estimated":true,"sample":"1 in 10 lines"}`)
}

// Values are texts, since JSON has no NaN; a counter has a value, a histogram a count and a sum.
func TestSeries(t *testing.T) {
	nan, sum, count, rate := "NaN", "1.5", uint64(3), 0.5
	same(t, wire.SeriesList{Series: []wire.Series{}}, `{"series":[]}`)
	same(t, wire.SeriesList{
		Series: []wire.Series{
			{Family: "a", Labels: map[string]string{"b": `"c"`}, Series: `a{b="\"c\""}`, Value: &nan, SamplesPerSecond: &rate, ShowingZero: true},
			{Family: "s", Labels: map[string]string{}, Series: "s", Count: &count, Sum: &sum, Quantiles: map[string]string{"0.5": "2"}},
		},
		Next: "x",
	}, `{"series":[{"family":"a","labels":{"b":"\"c\""},"series":"a{b=\"\\\"c\\\"\"}","value":"NaN","count":null,"sum":null,`+
		`"last_seen_at":null,"created_at":null,"samples_per_second":0.5,"showing_zero":true},`+
		`{"family":"s","labels":{},"series":"s","value":null,"count":3,"sum":"1.5","quantiles":{"0.5":"2"},`+
		`"last_seen_at":null,"created_at":null,"samples_per_second":null,"showing_zero":false}],"next":"x"}`)
	same(t, wire.FamilyDetail{
		Family: wire.Family{Senders: []wire.FamilySender{}, Names: []string{}}, Series: []wire.Series{}, Exposed: "a 1\n", ExposedTruncated: true,
		Why: []string{"sent as a"}, PromQL: []wire.Query{{Title: "now", Query: "a"}},
	}, `{"family":{"name":"","type":"","kind":"","help":"","series":0,"samples_per_second":null,"share":null,"last_seen_at":null,`+
		`"created_at":null,"exposed_bytes":0,"new_per_minute":0,"senders":[],"senders_more":0,"rule":null,"names":[],"limit":0,"refused":0},`+
		`"series":[],"exposed":"a 1\n","exposed_truncated":true,"why":["sent as a"],"promql":[{"title":"now","query":"a"}]}`)
	same(t, wire.Deleted{Deleted: 3}, `{"deleted":3}`)
}

func TestLabels(t *testing.T) {
	growth, at := 720.0, 1795591656.0
	same(t, wire.Labels{Labels: []wire.Label{}}, `{"labels":[],"total":0,"at":null}`)
	same(t, wire.Labels{
		Labels: []wire.Label{
			{
				Name: "user", Values: 41300, Families: []wire.LabelFamily{{Name: "a", Values: 41000, Series: 50000}}, FamiliesTotal: 3,
				GrowthPerMinute: &growth, GrowthSince: &at, Newest: []string{"u2", "u1"},
				Limit: &wire.LabelLimit{Kind: "max_series_per_metric", Most: 1000, Used: 999}, Fix: "max_label_values: {user: 100}",
			},
			{Name: "host", Families: []wire.LabelFamily{}, Newest: []string{}},
		},
		Total: 2, At: &at,
	}, `{"labels":[{"name":"user","values":41300,"families":[{"name":"a","values":41000,"series":50000}],"families_total":3,`+
		`"growth_per_minute":720,"growth_since":1795591656,"newest":["u2","u1"],`+
		`"limit":{"kind":"max_series_per_metric","most":1000,"used":999},"fix":"max_label_values: {user: 100}"},`+
		`{"name":"host","values":0,"families":[],"families_total":0,"growth_per_minute":null,"growth_since":null,"newest":[],`+
		`"limit":null,"fix":""}],"total":2,"at":1795591656}`)
}

// The JSON is Prometheus's, so that what reads status/tsdb there reads it here.
func TestTSDB(t *testing.T) {
	same(t, wire.TSDB{
		HeadStats:                   wire.HeadStats{NumSeries: 1, NumLabelPairs: 2, ChunkCount: 0, MinTime: 1000, MaxTime: 2000},
		SeriesCountByMetricName:     []wire.Stat{{Name: "a", Value: 1}},
		LabelValueCountByLabelName:  []wire.Stat{{Name: "__name__", Value: 1}},
		MemoryInBytesByLabelName:    []wire.Stat{},
		SeriesCountByLabelValuePair: []wire.Stat{{Name: "b=c", Value: 1}},
	}, `{"headStats":{"numSeries":1,"numLabelPairs":2,"chunkCount":0,"minTime":1000,"maxTime":2000},`+
		`"seriesCountByMetricName":[{"name":"a","value":1}],"labelValueCountByLabelName":[{"name":"__name__","value":1}],`+
		`"memoryInBytesByLabelName":[],"seriesCountByLabelValuePair":[{"name":"b=c","value":1}]}`)
}

// Keys are words in lower case, joined by '_', except in Prometheus's own answer. Nothing that may be null is left
// out instead, so that a client finds every key.
func TestKeysOfMetrics(t *testing.T) {
	key := regexp.MustCompile(`^[a-z]+(_[a-z]+)*(,omitempty)?$`)
	prometheus := regexp.MustCompile(`^[a-z]+([A-Z][a-z]+)*$`)
	for answer, want := range map[any]*regexp.Regexp{
		reflect.TypeFor[wire.Families]():     key,
		reflect.TypeFor[wire.Family]():       key,
		reflect.TypeFor[wire.FamilySender](): key,
		reflect.TypeFor[wire.RuleRef]():      key,
		reflect.TypeFor[wire.FamilyDetail](): key,
		reflect.TypeFor[wire.Query]():        key,
		reflect.TypeFor[wire.SeriesList]():   key,
		reflect.TypeFor[wire.Series]():       key,
		reflect.TypeFor[wire.Labels]():       key,
		reflect.TypeFor[wire.Label]():        key,
		reflect.TypeFor[wire.LabelFamily]():  key,
		reflect.TypeFor[wire.LabelLimit]():   key,
		reflect.TypeFor[wire.TSDB]():         prometheus,
		reflect.TypeFor[wire.HeadStats]():    prometheus,
		reflect.TypeFor[wire.Stat]():         prometheus,
		reflect.TypeFor[wire.Deleted]():      key,
	} {
		of, ok := answer.(reflect.Type)
		if !ok {
			t.Fatal(answer)
		}
		for field := range of.Fields() {
			tag := field.Tag.Get("json")
			if !want.MatchString(tag) {
				t.Errorf("%v.%s has the key %q", of, field.Name, tag)
			}
			if field.Type.Kind() == reflect.Pointer && strings.Contains(tag, "omitempty") {
				t.Errorf("%v.%s is left out when it is null", of, field.Name)
			}
		}
	}
}
