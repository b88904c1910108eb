package explain_test

import (
	"bytes"
	"strings"
	"testing"

	"weir/cmd/weir/explain"
	"weir/config"
)

func TestForeign(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		got := explain.Foreign(line)
		if want == "" && got != "" || !strings.Contains(got, "looks like "+want) && want != "" {
			t.Errorf("Foreign(%q) = %q, want %q", line, got, want)
		}
	}
	f("GET /metrics HTTP/1.1", "HTTP")
	f("PRI * HTTP/2.0", "HTTP")
	f("HTTP/1.1 200 OK", "HTTP")
	f("\x16\x03\x01\x02\x00\x01\x00", "TLS")
	f(`{"metric":"x","value":1}`, "JSON")
	f(`[{"metric":"x"}]`, "JSON")
	f("{", "JSON")
	f("  [", "JSON")
	f("servers.web.load 0.5 1700000000", "Graphite")
	f("x 1 1700000000", "Graphite")
	f("x;dc=a -1e-3 -1", "Graphite")
	f("cpu,host=a usage=0.5 1700000000000000000", "InfluxDB")
	f("cpu usage=0.5,idle=0.1", "InfluxDB")
	f("# TYPE x counter", "Prometheus")
	f(`x_total{code="200"} 5`, "Prometheus")

	f("web.hits", "")
	f("web.hits:1", "")
	f("web.hits:one|c", "")
	f("web hits", "")
	f("x 1", "")
	f("Accept: */*", "")
	f("web.hits,status=200:1", "")
	f("", "")
}

// What was rejected is explained with the protocol that it looks like; a good line is not.
func TestExplainForeign(t *testing.T) {
	x := explain.New(config.Default())
	f := func(line, want string) {
		t.Helper()
		var b bytes.Buffer
		for _, l := range x.Lines(line) {
			if err := l.Print(&b); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.String(); strings.Contains(got, "looks like") != (want != "") || !strings.Contains(got, want) {
			t.Errorf("explain %q:\n%s, want %q", line, got, want)
		}
	}
	f("GET / HTTP/1.1", "  hint      this looks like HTTP: ")
	f("a b=c:1|c", "")
}
