package expose_test

import (
	"testing"

	dto "github.com/prometheus/client_model/go"
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
