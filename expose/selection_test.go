package expose_test

import (
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/expose"
)

func TestNameSelectsFamilies(t *testing.T) {
	own := &dto.MetricFamily{
		Name: new("own"), Help: new("Own."), Type: dto.MetricType_GAUGE.Enum(),
		Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(7.0)}}},
	}
	all := []*dto.MetricFamily{own}
	x := serve(t, gatherer(func() ([]*dto.MetricFamily, error) { return all, nil }), nil)
	x.record(t, "a:1|c", "z:1|c")
	const a, mine, z = "# HELP a StatsD counter.\n# TYPE a counter\na 1\n",
		"# HELP own Own.\n# TYPE own gauge\nown 7\n", "# HELP z StatsD counter.\n# TYPE z counter\nz 1\n"
	f := func(query, want string) {
		t.Helper()
		if response, body := x.do(t, "GET", "/metrics"+query); response.StatusCode != 200 || body != want {
			t.Errorf("GET /metrics%s = %d %q, want 200 %q", query, response.StatusCode, body, want)
		}
	}
	f("?name[]=z&name[]=a", a+z)
	f("?name%5B%5D=own", mine)
	f("?name[]=nothing", "")
	f("?name[]=", "")
	f("?name=a", a+z+mine)
	f("", a+z+mine) // earlier selections changed nothing
}

// With self.expose: false the families weir_* are for requests that name them, under every encoding.
func TestHiddenFamilies(t *testing.T) {
	family := func(name string) *dto.MetricFamily {
		return &dto.MetricFamily{
			Name: &name, Help: new("Own."), Type: dto.MetricType_GAUGE.Enum(),
			Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(7.0)}}},
		}
	}
	all := []*dto.MetricFamily{family("go_own"), family("weir_own")}
	gather := gatherer(func() ([]*dto.MetricFamily, error) { return all, nil })
	for _, ttl := range []time.Duration{0, time.Minute} { // with the cache, and shared
		x := serve(t, gather, func(o *expose.Options) { o.Self.Expose, o.Cache.TTL = false, ttl })
		x.record(t, "a:1|c", "weir_sent:1|c")
		f := func(query, want string) {
			t.Helper()
			_, body := x.do(t, "GET", "/metrics"+query)
			var names []string
			for line := range strings.Lines(body) {
				if !strings.HasPrefix(line, "#") {
					names = append(names, line[:strings.IndexByte(line, ' ')])
				}
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("GET /metrics%s has %q, want %q", query, got, want)
			}
		}
		f("", "a weir_sent go_own")
		f("?name[]=weir_own&name[]=a", "a weir_own")
		f("?name[]=go_own", "go_own")
		f("", "a weir_sent go_own")
		if all[1].GetName() != "weir_own" {
			t.Error("hiding families changed the gathered families")
		}
	}
}
