package otlp_test

import (
	"regexp"
	"strings"
	"testing"

	"weir/aggregate"
	"weir/aggregate/label"
	"weir/expose/remote/otlp"
	"weir/expose/remote/point"
)

// inSeconds is a time that is given by the second.
var inSeconds = regexp.MustCompile(`"timeUnixNano":"\d{10}000000000"`)

// exemplarsOf returns the first list of exemplars of metrics, with T for each time.
func exemplarsOf(metrics string) string {
	_, list, _ := strings.Cut(metrics, `"exemplars":[`)
	depth := 0
	for i, c := range list {
		switch c {
		case '[':
			depth++
		case ']':
			depth--
		}
		if depth < 0 {
			return inSeconds.ReplaceAllString(list[:i], "T")
		}
	}
	return ""
}

// IDs that are such have fields of their own, which have bytes; other labels are attributes.
func TestExemplars(t *testing.T) {
	f := func(observer, want string, lines ...string) {
		t.Helper()
		o := options()
		o.Timers.Observer = observer
		made := text(t, request(otlp.NewEncoder(label.Of(`user="x"`)), registryOf(t, &o, lines...), point.Point{}))
		equal(t, strings.Join(lines, " "), exemplarsOf(made), want)
	}
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	f("", `{"filteredAttributes":[{"key":"user","value":{"stringValue":"me"}}],T,"asDouble":4,"spanId":"APBnqgupArc=",`+
		`"traceId":"S/kvNXezTaajzpKdDg5HNg=="}`, "a:2|c|@0.5|#trace_id:"+trace+",span_id:"+span+",user:me")
	attribute := func(name, value string) string {
		return `{"filteredAttributes":[{"key":"` + name + `","value":{"stringValue":"` + value + `"}}],T,"asDouble":1}`
	}
	for _, value := range []string{
		strings.ToUpper(trace), trace[1:], trace + "0", strings.Repeat("0", 32), "g" + trace[1:], "a b",
	} {
		f("", attribute("trace_id", value), "a:1|c|#trace_id:"+value)
	}
	f("", attribute("span_id", trace), "a:1|c|#span_id:"+trace)
	f("", "", "a:1|g|#trace_id:"+trace)
	f(aggregate.ObserverHistogram, `{"filteredAttributes":[{"key":"user","value":{"stringValue":"a"}}],T,"asDouble":0.5},`+
		`{"filteredAttributes":[{"key":"user","value":{"stringValue":"b"}}],T,"asDouble":7}`, "a:0.5|h|#user:a", "a:7|h|#user:b")
	f(aggregate.ObserverNative, attribute("user", "a"), "a:1|h|#user:a")
	f(aggregate.ObserverSummary, "", "a:1|h|#user:a")
}
