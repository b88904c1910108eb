package main_test

import (
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const scripts = "testdata/e2e"

// script returns the arguments of a program for a script, and what comes before host, port and network.
func script(name string, args ...string) []string {
	return append([]string{filepath.Join(scripts, name)}, args...)
}

// longScripts are clients with a script of their own, which uses what else the client has.
func longScripts() []client {
	return []client{
		{
			name: "python", install: "python3-statsd",
			program: "/usr/bin/python3", args: script("send.py"), probe: []string{"-c", "import statsd"},
			networks: []string{"udp", "tcp"}, samples: 15,
			told: map[string]float64{
				"py_requests": 42, "py_bytes": 2.5, "py_temperature": 21.5, "py_balance": -3.5, "py_queue": 12,
				"py_users": 2, "py_jobs": 3, "py_db_time_count": 2, "py_db_time_sum": 0.75,
			},
			shows: quarterAndHalf("py_db_time", ""),
		},
		{
			name: "Net::Statsd", install: "libnet-statsd-perl",
			program: "perl", args: script("send.pl"), probe: []string{"-MNet::Statsd", "-e", "1"},
			networks: []string{"udp"}, samples: 11, negative: 1,
			told: map[string]float64{
				"pl_requests": 42, "pl_hits": 5, "pl_misses": 5, "pl_temperature": 21.5, "pl_queue": 7, "pl_users": 1,
				"pl_db_time_count": 2, "pl_db_time_sum": 0.75,
			},
			shows: quarterAndHalf("pl_db_time", ""),
		},
		{
			name: "ruby-statsd", install: "ruby-statsd",
			program: "ruby", args: script("send.rb"), probe: []string{"-e", `require "statsd"; Statsd::Batch`},
			networks: []string{"udp", "tcp"}, samples: 11, negative: 1,
			told: map[string]float64{
				"rb_requests": 42, "rb_Cache_hits": 3, "rb_temperature": 21.5, "rb_queue": 7, "rb_users": 2,
				"rb_db_time_count": 2, "rb_db_time_sum": 0.75,
			},
			shows: quarterAndHalf("rb_db_time", ""),
		},
		{
			name: "hot-shots, all", install: installNode,
			program: "node", args: script("hotshots.js"), probe: []string{"-e", `require("hot-shots")`},
			networks: []string{"udp", "tcp"}, samples: 23, negative: 1,
			told: map[string]float64{
				`node_requests{app="shop"}`:                                     42,
				`node_requests{app="shop",status="500"}`:                        2,
				`node_temperature{app="shop",indoor="true",room="living room"}`: 21.5,
				`node_queue{app="shop"}`:                                        12,
				`node_stamped{app="shop"}`:                                      6,
				`node_users{app="shop"}`:                                        2,
				`node_size_count{app="shop",kind="a"}`:                          2,
				`node_size_sum{app="shop",kind="a"}`:                            3.25,
				`node_latency_count{app="shop"}`:                                1,
				`node_latency_sum{app="shop"}`:                                  0.5,
				`node_db_time_count{app="shop"}`:                                2,
				`node_db_time_sum{app="shop"}`:                                  0.75,
				`node_buffered{app="shop",n="0"}`:                               1,
				`node_buffered{app="shop",n="1"}`:                               1,
				`node_buffered{app="shop",n="2"}`:                               1,
				`node_buffered{app="shop",n="3"}`:                               1,
			},
			shows: merge(map[string]float64{
				`node_size_bucket{app="shop",kind="a",le="0.25"}`: 1,
				`node_size_bucket{app="shop",kind="a",le="+Inf"}`: 2,
				`node_latency_bucket{app="shop",le="0.25"}`:       0,
				`node_latency_bucket{app="shop",le="0.5"}`:        1,
			}, quarterAndHalf("node_db_time", `app="shop"`)),
		},
	}
}

// quarterAndHalf is the histogram of a timer to which 250 ms and 500 ms were sent, in seconds.
func quarterAndHalf(name, labels string) map[string]float64 {
	key := func(suffix, le string) string {
		all := strings.Trim(labels+","+le, ",")
		if all == "" {
			return name + suffix
		}
		return name + suffix + "{" + all + "}"
	}
	return map[string]float64{
		key("_count", ""): 2, key("_sum", ""): 0.75,
		key("_bucket", `le="0.1"`): 0, key("_bucket", `le="0.25"`): 1, key("_bucket", `le="0.5"`): 2,
		key("_bucket", `le="10"`): 2, key("_bucket", `le="+Inf"`): 2,
	}
}

func merge(a, b map[string]float64) map[string]float64 {
	maps.Copy(a, b)
	return a
}

// The other clients send one list, as far as their methods allow: two counts, a count with a tag, a gauge, two
// timings, a set, and 200 counts right before the end.
func told(optional ...string) map[string]float64 {
	all := map[string]float64{
		"requests": 42, "temperature": 21.5, "burst": 200, "db_time_count": 2, "db_time_sum": 0.75,
	}
	for _, what := range optional {
		switch what {
		case "set":
			all["users"] = 2
		case "tag":
			all[`tagged{status="500"}`] = 2
		default:
			panic("BUG: " + what)
		}
	}
	return all
}

// losesAll is the fault of a client that sends nothing, or not all, when it is closed right after the last sample.
var losesAll = []fault{{what: less}}

const installNode = "nodejs and npm, and run npm ci --omit=optional in cmd/weir/testdata/e2e"

// nodeClients are those of npm.
func nodeClients() []client {
	list := []client{
		{name: "hot-shots", networks: []string{"udp", "tcp"}, told: told("set", "tag")},
		{name: "hot-shots:close", networks: []string{"udp", "tcp"}, told: told("set", "tag")},
		{name: "statsd-client", networks: []string{"udp"}, told: told("set", "tag")},
		{name: "statsd-client:close", networks: []string{"udp"}, told: told("set", "tag")},
		{
			name: "statsd-client", networks: []string{"tcp"}, told: told("set", "tag"),
			faults: []fault{{what: more}}, // it sends again what it sent while it connected
		},
		{name: "node-statsd", networks: []string{"udp"}, told: told("set", "tag")},
		{name: "node-statsd:close", networks: []string{"udp"}, told: told("set", "tag"), faults: losesAll},
		{name: "lynx", networks: []string{"udp"}, told: told("set")},
		{name: "lynx:close", networks: []string{"udp"}, told: told("set"), faults: losesAll},
		{name: "node-dogstatsd", networks: []string{"udp"}, told: told("set", "tag")},
		{name: "node-dogstatsd:close", networks: []string{"udp"}, told: told("set", "tag"), faults: losesAll},
		{name: "dog-statsy", networks: []string{"udp"}, told: merge(told("set", "tag"), milliseconds())},
		{
			name: "dog-statsy:close", networks: []string{"udp"}, told: merge(told("set", "tag"), milliseconds()),
			faults: losesAll,
		},
	}
	for i := range list {
		c := &list[i]
		module, _, _ := strings.Cut(c.name, ":")
		c.install, c.program, c.args = installNode, "node", script("clients.js", c.name)
		c.probe = []string{"-e", `require("` + module + `")`}
	}
	return list
}

// milliseconds is what becomes of the timings of a client that has histograms only, whose numbers have no unit.
func milliseconds() map[string]float64 { return map[string]float64{"db_time_sum": 750} }

// debianClients are those of Debian that have no script of their own; all are Python's.
func debianClients() []client {
	list := []client{
		{name: "statsd", install: "python3-statsd", networks: []string{"udp", "tcp", "unix"}, told: told("set")},
		{
			name: "aiodogstatsd", install: "python3-aiodogstatsd", networks: []string{"udp"}, told: told("tag"),
		},
		{name: "aiomeasures", install: "python3-aiomeasures", networks: []string{"udp"}, told: told("set")},
		{
			name: "monascastatsd", install: "python3-monasca-statsd", networks: []string{"udp"}, told: told("tag"),
			faults: []fault{ // its timers are gauges, and its tags are written as Python writes a dict
				{series: "db_time", what: more},
				{series: "db_time_count", what: less},
				{series: "db_time_sum", what: less},
				{series: `tagged{status="500"}`, what: less},
				{series: `tagged{exported___status_=" '500'}"}`, what: more},
			},
		},
		{
			name: "gunicorn", install: "python3-gunicorn", networks: []string{"udp"},
			told: map[string]float64{
				"gunicorn_requests": 40, "gunicorn_request_status_200": 40, "gunicorn_request_duration_count": 40,
			},
			untold: []string{"gunicorn_request_duration_sum", "gunicorn_workers"},
		},
	}
	for i := range list {
		c := &list[i]
		c.program, c.args = "/usr/bin/python3", script("clients.py", c.name)
		c.probe = []string{"-c", "import " + c.name}
	}
	return list
}

// goClients are those of bench/clients.
func goClients(t *testing.T) []client {
	t.Helper()
	glued := []fault{{series: "burst", what: less}} // it ends no packet with a newline: two lines become one
	list := []client{
		{name: "datadog-go", networks: []string{"udp", "unixgram", "unix"}, told: told("set", "tag")},
		{name: "datadog-go:close", networks: []string{"udp", "unixgram", "unix"}, told: told("set", "tag")},
		{name: "datadog-go-unbundled:close", networks: []string{"udp", "unixgram", "unix"}, told: told("set", "tag")},
		{name: "datadog-go-channel", networks: []string{"udp", "unixgram", "unix"}, told: told("set", "tag")},
		{
			name: "datadog-go-channel:close", networks: []string{"udp", "unixgram", "unix"},
			told: told("set", "tag"), faults: []fault{{what: less, isRare: true}},
		},
		{name: "cactus", networks: []string{"udp"}, told: told("set", "tag")},
		{name: "cactus:close", networks: []string{"udp"}, told: told("set", "tag")},
		{name: "alexcesaro:close", networks: []string{"udp"}, told: told("set", "tag")},
		{name: "alexcesaro:close", networks: []string{"tcp"}, told: told("set", "tag"), faults: glued},
		{name: "smira", networks: []string{"udp"}, told: told("set", "tag")},
		{name: "smira", networks: []string{"tcp"}, told: told("set", "tag"), faults: glued},
		{
			name: "smira:close", networks: []string{"udp", "tcp"}, told: told("set", "tag"),
			faults: []fault{{what: less, isRare: true}},
		},
		{name: "go-metrics", networks: []string{"udp", "tcp"}, told: told()},
		{
			name: "go-metrics:close", networks: []string{"udp", "tcp"}, told: told(),
			faults: []fault{{what: less, isRare: true}},
		},
		{name: "quipo:close", networks: []string{"udp", "tcp"}, told: told()},
		{name: "go-kit:close", networks: []string{"udp"}, told: told("tag")},
	}
	program := filepath.Join(t.TempDir(), "clients")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "..", "bench", "clients")
	if output, err := build.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", build, err, output)
		return nil
	}
	for i := range list {
		list[i].program, list[i].args = program, []string{list[i].name}
	}
	return list
}
