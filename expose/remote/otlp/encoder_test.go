package otlp_test

import (
	"testing"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/otlp"
	"weir/expose/remote/point"
)

// at is when and since when the values of the tests count.
var at = point.Point{At: 2000, Start: 1000}

// Each type becomes what OTLP has for it.
func TestTypes(t *testing.T) {
	f := func(observer, want string, lines ...string) {
		t.Helper()
		o := options()
		o.Timers.Observer = observer
		e := otlp.NewEncoder(label.Labels{})
		equal(t, lines[0], text(t, request(e, registryOf(t, &o, lines...), at)), want)
		if e.Samples() < 1 {
			t.Errorf("%s: %d data points", lines[0], e.Samples())
		}
	}
	const (
		times = `"startTimeUnixNano":"1000000000","timeUnixNano":"2000000000"`
		tagA  = `"attributes":[{"key":"a","value":{"stringValue":"b"}}]`
	)
	f(aggregate.ObserverHistogram, `[{"name":"hits","description":"StatsD counter.","sum":{"dataPoints":[{`+tagA+`,`+
		times+`,"asDouble":3}],"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE","isMonotonic":true}}]`,
		"hits:3|c|#a:b")
	f(aggregate.ObserverHistogram, `[{"name":"level","description":"StatsD gauge.","gauge":{"dataPoints":[{`+tagA+
		`,"timeUnixNano":"2000000000","asDouble":-1.5}]}}]`, "level:-1.5|g|#a:b")
	f(aggregate.ObserverHistogram, `[{"name":"users","description":"StatsD set: distinct members seen within the window.",`+
		`"gauge":{"dataPoints":[{"timeUnixNano":"2000000000","asDouble":1}]}}]`, "users:me|s")
	f(aggregate.ObserverHistogram, `[{"name":"size","description":"StatsD histogram.","histogram":{"dataPoints":[{`+tagA+
		`,`+times+`,"count":"3","sum":6,"bucketCounts":["1","0","2"],"explicitBounds":[1,2]}],`+
		`"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"}}]`,
		"size:1|h|#a:b", "size:2.5|h|#a:b", "size:2.5|h|#a:b")
	f(aggregate.ObserverSummary, `[{"name":"size","description":"StatsD histogram.","summary":{"dataPoints":[{`+tagA+
		`,`+times+`,"count":"2","sum":10,"quantileValues":[{"quantile":0.5,"value":5}]}]}}]`,
		"size:5|h|#a:b", "size:5|h|#a:b")
	f(aggregate.ObserverNative, `[{"name":"size","description":"StatsD histogram.","exponentialHistogram":{"dataPoints":[{`+tagA+
		`,`+times+`,"count":"4","sum":1.45,"scale":3,"zeroCount":"1","positive":{"offset":-1,"bucketCounts":["1","0","0","0","0","1"]},`+
		`"negative":{"bucketCounts":["1"]},"zeroThreshold":2.938735877055719e-39}],`+
		`"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"}}]`,
		"size:0|h|#a:b", "size:1|h|#a:b", "size:1.5|h|#a:b", "size:-1.05|h|#a:b")
}

// Before the first value a series is 0 since its start, and when it ended it has no value.
func TestZeroAndStale(t *testing.T) {
	f := func(line, observer string, what point.What, want string) {
		t.Helper()
		o := options()
		o.Timers.Observer = observer
		e := otlp.NewEncoder(label.Labels{})
		p := at
		p.What = what
		got := text(t, request(e, registryOf(t, &o, line), p))
		equal(t, line, got, `[{"name":"x","description":`+want+`}]`)
	}
	const (
		times = `{"startTimeUnixNano":"1000000000","timeUnixNano":"2000000000",`
		sum   = `"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"`
		none  = `"flags":1`
	)
	f("x:1|c", "", point.Zero, `"StatsD counter.","sum":{"dataPoints":[`+times+`"asDouble":0}],`+sum+`,"isMonotonic":true}`)
	f("x:1|c", "", point.Stale, `"StatsD counter.","sum":{"dataPoints":[`+times+none+`}],`+sum+`,"isMonotonic":true}`)
	f("x:1|g", "", point.Stale, `"StatsD gauge.","gauge":{"dataPoints":[{"timeUnixNano":"2000000000",`+none+`}]}`)
	const classic = times + `"sum":0,"bucketCounts":["0","0","0"],"explicitBounds":[1,2]`
	f("x:1|h", aggregate.ObserverHistogram, point.Zero, `"StatsD histogram.","histogram":{"dataPoints":[`+classic+`}],`+sum+`}`)
	f("x:1|h", aggregate.ObserverHistogram, point.Stale, `"StatsD histogram.","histogram":{"dataPoints":[`+classic+`,`+none+`}],`+sum+`}`)
	f("x:1|h", aggregate.ObserverNative, point.Zero, `"StatsD histogram.","exponentialHistogram":{"dataPoints":[`+times+
		`"sum":0,"scale":8}],`+sum+`}`)
	f("x:1|h", aggregate.ObserverNative, point.Stale, `"StatsD histogram.","exponentialHistogram":{"dataPoints":[`+times+
		`"sum":0,"scale":8,`+none+`}],`+sum+`}`)
	f("x:1|h", aggregate.ObserverSummary, point.Zero, `"StatsD histogram.","summary":{"dataPoints":[{"startTimeUnixNano":`+
		`"1000000000","timeUnixNano":"2000000000"}]}`)
	f("x:1|h", aggregate.ObserverSummary, point.Stale, `"StatsD histogram.","summary":{"dataPoints":[`+times+
		`"quantileValues":[{"quantile":0.5}],`+none+`}]}`)
}

// Points of a family that come one after the other share a Metric, and so do no others.
func TestSharedMetric(t *testing.T) {
	o := options()
	registry := registryOf(t, &o, "a:1|c|#x:1", "a:1|c|#x:2", "b:1|c|#x:1")
	families := registry.Snapshot().Families
	a, b := families[0], families[1]
	w := aggregate.Words{0}
	e := otlp.NewEncoder(label.Labels{})
	for range 2 { // a request after a Reset is the same
		e.Reset()
		e.Add(a.Family, a.Series[0], w, nil, point.Point{})
		e.Add(a.Family, a.Series[1], w, nil, point.Point{})
		e.Add(b.Family, b.Series[0], w, nil, point.Point{})
		e.Add(a.Family, a.Series[0], w, nil, point.Point{})
		e.AddMetadata(a.Family)
		if e.Samples() != 4 {
			t.Errorf("%d data points, want 4", e.Samples())
		}
		const (
			head  = `","description":"StatsD counter.","sum":{"dataPoints":[`
			first = `{"attributes":[{"key":"x","value":{"stringValue":"1"}}],"asDouble":0}`
			other = `{"attributes":[{"key":"x","value":{"stringValue":"2"}}],"asDouble":0}`
			tail  = `],"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE","isMonotonic":true}}`
		)
		equal(t, "metrics", text(t, e.AppendTo(nil)), `[{"name":"a`+head+first+`,`+other+tail+
			`,{"name":"b`+head+first+tail+`,{"name":"a`+head+first+tail+`]`)
	}
}

// Values of a delta encoder count since their start.
func TestDelta(t *testing.T) {
	o := options()
	e := otlp.NewDeltaEncoder(label.Labels{})
	equal(t, "metrics", text(t, request(e, registryOf(t, &o, "hits:3|c"), at)), `[{"name":"hits","description":"StatsD counter.",`+
		`"sum":{"dataPoints":[{"startTimeUnixNano":"1000000000","timeUnixNano":"2000000000","asDouble":3}],`+
		`"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA","isMonotonic":true}}]`)
}

// The unit is that in the name, so that no receiver adds another to it.
func TestUnit(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		o := options()
		e := otlp.NewEncoder(label.Labels{})
		got := text(t, request(e, registryOf(t, &o, name+":0|g"), point.Point{}))
		if want != "" {
			want = `"unit":"` + want + `",`
		}
		equal(t, name, got, `[{"name":"`+name+`","description":"StatsD gauge.",`+want+`"gauge":{"dataPoints":[{"asDouble":0}]}}]`)
	}
	f("wait_seconds", "s")
	f("wait_seconds_total", "s")
	f("size_bytes", "By")
	f("seconds", "")
	f("wait_seconds_max", "")
}

// Of a name without a letter or a digit Prometheus makes none, and refuses the request.
func TestNameWithoutLetters(t *testing.T) {
	o := options()
	o.Sanitize.Names = aggregate.NamesUTF8
	got := text(t, request(otlp.NewEncoder(label.Labels{}), registryOf(t, &o, "---:0|g"), point.Point{}))
	equal(t, "---", got, `[{"name":"exported_---","description":"StatsD gauge.","gauge":{"dataPoints":[{"asDouble":0}]}}]`)
}

// A request without data points is empty.
func TestEmpty(t *testing.T) {
	o := options()
	o.Timers.Observer = aggregate.ObserverNative
	registry := registryOf(t, &o, "size:1|h")
	f := registry.Snapshot().Families[0]
	e := otlp.NewEncoder(label.Of(`job="j"`))
	e.Add(f.Family, f.Series[0], aggregate.Words{0, 1}, nil, at) // it has native buckets alone
	if got := e.AppendTo([]byte("before")); string(got) != "before" || e.Samples() != 0 {
		t.Errorf("%q with %d data points, want nothing", got, e.Samples())
	}
}

// Where native and classic buckets were read with samples in between, the classic ones are cut to the count.
func TestClassicBucketsAreCut(t *testing.T) {
	o := options()
	o.Timers.Observer = aggregate.ObserverBoth
	registry := registryOf(t, &o, "size:1|h")
	f := registry.Snapshot().Families[0]
	e := otlp.NewEncoder(label.Labels{})
	e.Add(f.Family, f.Series[0], aggregate.Words{0, 2, 5, 6, 3, 0, 0, 4, 0, 0}, nil, point.Point{})
	e.Add(f.Family, f.Series[0], aggregate.Words{0, 2, 5, 6}, nil, point.Point{}) // no native ones were read
	equal(t, "metrics", text(t, e.AppendTo(nil)), `[{"name":"size","description":"StatsD histogram.","histogram":{"dataPoints":[`+
		`{"count":"4","sum":0,"bucketCounts":["2","2","0"],"explicitBounds":[1,2]},`+
		`{"count":"6","sum":0,"bucketCounts":["2","3","1"],"explicitBounds":[1,2]}],`+
		`"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"}}]`)
}
