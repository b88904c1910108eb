package format_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"pgregory.net/rapid"

	"weir/expose/format"
)

// accepted are the formats that weir has, in the order that decides between clauses that several match.
var accepted = []expfmt.Format{
	expfmt.FmtOpenMetrics_1_0_0, expfmt.FmtOpenMetrics_0_0_1, expfmt.FmtProtoDelim, expfmt.FmtText,
	"text/plain; version=1.0.0; charset=utf-8",
}

func oracle(accept string) string {
	return string(expfmt.NegotiateAccept(http.Header{"Accept": {accept}}, accepted...))
}

// The headers of scrapers get the format that they expect.
func TestNegotiate(t *testing.T) {
	const text, open = "text/plain; version=0.0.4; charset=utf-8", "application/openmetrics-text; version=1.0.0; charset=utf-8"
	const protobuf = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
	f := func(want string, accept ...string) {
		t.Helper()
		var lines [][]byte
		for _, line := range accept {
			lines = append(lines, []byte(line))
		}
		if got := format.Negotiate(lines).ContentType(); got != want {
			t.Errorf("negotiate(%q) = %q, want %q", accept, got, want)
		}
		if len(accept) == 1 && oracle(accept[0]) != want {
			t.Errorf("expfmt negotiates %q for %q, want %q", oracle(accept[0]), accept, want)
		}
	}
	f(text + "; escaping=underscores")
	f(text+"; escaping=underscores", "")
	f(text+"; escaping=underscores", "*/*")
	f(text+"; escaping=underscores", "text/html,application/xhtml+xml,*/*;q=0.8")
	f(text+"; escaping=underscores", "text/plain;version=0.0.4;q=1,*/*;q=0.1")                                 // VictoriaMetrics
	f(open+"; escaping=allow-utf-8", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"+ // Prometheus 3
		"application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"+
		"text/plain;version=0.0.4;q=0.2,*/*;q=0.1")
	f(protobuf+"; escaping=underscores", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"+
		"encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5")
	f("application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores", "application/openmetrics-text")
	f("text/plain; version=1.0.0; charset=utf-8; escaping=values", "text/plain;version=1.0.0;escaping=values")
	f(text+"; escaping=underscores", "application/openmetrics-text;version=2.0.0")
	f(text+"; escaping=dots", "application/openmetrics-text;version=1.0.0;q=0.1,text/plain;escaping=dots;q=0.2")
	f(open+"; escaping=underscores", "text/plain;q=0.5", "application/openmetrics-text;version=1.0.0") // two lines
}

// Weights of 0 exclude, though expfmt does not know that; a wildcard is no wish for a format.
func TestNegotiateBeyondExpfmt(t *testing.T) {
	f := func(accept, want string) {
		t.Helper()
		if got := format.Negotiate([][]byte{[]byte(accept)}).ContentType(); !strings.HasPrefix(got, want) {
			t.Errorf("negotiate(%q) = %q, want %q", accept, got, want)
		}
	}
	f("application/openmetrics-text;version=1.0.0;q=0", "text/plain; version=0.0.4")
	f("application/openmetrics-text;version=1.0.0;q=x", "text/plain; version=0.0.4")
	f("*/*;version=1.0.0", "text/plain; version=0.0.4")
}

func TestNegotiateEqualsExpfmt(t *testing.T) {
	one := func(t *rapid.T, name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	rapid.Check(t, func(t *rapid.T) {
		var clauses []string
		for range rapid.IntRange(0, 6).Draw(t, "clauses") {
			clause := one(t, "type", "text/plain", "application/openmetrics-text", "application/vnd.google.protobuf", "*/*",
				"text/*", "text/html", "text", "a/b/c", "", "*", " text / plain ")
			if !strings.Contains(clause, "*") {
				for range rapid.IntRange(0, 4).Draw(t, "parameters") {
					clause += ";" + one(t, "parameter", "version=0.0.4", "version=1.0.0", " version = 0.0.1 ", "version=", "version",
						"version=1=0", "proto=io.prometheus.client.MetricFamily", "encoding=delimited", "encoding=text",
						"escaping=dots", "escaping=allow-utf-8", "escaping=underscores", "escaping=x", "charset=latin1", "")
				}
			}
			if q := one(t, "q", "", "q=1", "q=0.5", "q=0.25", "q=0.001", "q=0.999"); q != "" {
				clause += ";" + q
			}
			clauses = append(clauses, clause)
		}
		accept := strings.Join(clauses, ",")
		if got, want := format.Negotiate([][]byte{[]byte(accept)}).ContentType(), oracle(accept); got != want {
			t.Errorf("negotiate(%q) = %q, expfmt %q", accept, got, want)
		}
	})
}

// FuzzNegotiate compares well-formed headers with expfmt, and sees that no other panics.
func FuzzNegotiate(f *testing.F) {
	f.Add("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1")
	f.Add("text/plain;q")
	f.Add(";;,=,;q=;=")
	const parameter = `(;(version=[0-9.]+|escaping=[a-z8-]+|proto=io.prometheus.client.MetricFamily|encoding=[a-z]+))*`
	const clause = `[a-z.-]+/[a-z.-]+` + parameter + `(;q=0\.[0-9]*[1-9])?`
	plain := regexp.MustCompile(`^` + clause + `(,` + clause + `){0,7}$`)
	f.Fuzz(func(t *testing.T, accept string) {
		got := format.Negotiate([][]byte{[]byte(accept)}).ContentType()
		if plain.MatchString(accept) && got != oracle(accept) {
			t.Errorf("negotiate(%q) = %q, expfmt %q", accept, got, oracle(accept))
		}
	})
}
