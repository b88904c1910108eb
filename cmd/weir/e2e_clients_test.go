package main_test

import (
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// client is a StatsD client that weir did not write, and a script in testdata/e2e that sends with it. The script
// gets host, port and network as arguments.
type client struct {
	name    string
	install string // what to install when it is missing
	// program runs the script, and with the arguments of probe fails when the client is missing.
	program, script string
	probe           []string
	networks        []string

	samples  float64            // that the script sends
	negative float64            // of samples: counters that go down, which are rejected
	want     map[string]float64 // what a scrape must show
}

const scripts = "testdata/e2e"

var clients = []client{
	{
		name: "python", install: "python3-statsd",
		program: "/usr/bin/python3", script: "send.py", probe: []string{"-c", "import statsd"},
		networks: []string{"udp", "tcp"}, samples: 15,
		want: merge(map[string]float64{
			"py_requests": 42, "py_bytes": 2.5, "py_temperature": 21.5, "py_balance": -3.5, "py_queue": 12,
			"py_users": 2, "py_jobs": 3,
		}, quarterAndHalf("py_db_time", "")),
	},
	{
		name: "perl", install: "libnet-statsd-perl",
		program: "perl", script: "send.pl", probe: []string{"-MNet::Statsd", "-e", "1"},
		networks: []string{"udp"}, samples: 11, negative: 1,
		want: merge(map[string]float64{
			"pl_requests": 42, "pl_hits": 5, "pl_misses": 5, "pl_temperature": 21.5, "pl_queue": 7, "pl_users": 1,
		}, quarterAndHalf("pl_db_time", "")),
	},
	{
		name: "ruby", install: "ruby-statsd",
		program: "ruby", script: "send.rb", probe: []string{"-e", `require "statsd"; Statsd::Batch`},
		networks: []string{"udp", "tcp"}, samples: 11, negative: 1,
		want: merge(map[string]float64{
			"rb_requests": 42, "rb_Cache_hits": 3, "rb_temperature": 21.5, "rb_queue": 7, "rb_users": 2,
		}, quarterAndHalf("rb_db_time", "")),
	},
	{
		name: "hot-shots", install: "nodejs and npm, and run npm ci --omit=optional in cmd/weir/testdata/e2e",
		program: "node", script: "hotshots.js", probe: []string{"-e", `require("hot-shots")`},
		networks: []string{"udp", "tcp"}, samples: 23, negative: 1,
		want: merge(map[string]float64{
			`node_requests{app="shop"}`:                                     42,
			`node_requests{app="shop",status="500"}`:                        2,
			`node_temperature{app="shop",indoor="true",room="living room"}`: 21.5,
			`node_queue{app="shop"}`:                                        12,
			`node_stamped{app="shop"}`:                                      6,
			`node_users{app="shop"}`:                                        2,
			`node_size_count{app="shop",kind="a"}`:                          2,
			`node_size_sum{app="shop",kind="a"}`:                            3.25,
			`node_size_bucket{app="shop",kind="a",le="0.25"}`:               1,
			`node_size_bucket{app="shop",kind="a",le="+Inf"}`:               2,
			`node_latency_sum{app="shop"}`:                                  0.5,
			`node_latency_bucket{app="shop",le="0.25"}`:                     0,
			`node_latency_bucket{app="shop",le="0.5"}`:                      1,
			`node_buffered{app="shop",n="0"}`:                               1,
			`node_buffered{app="shop",n="3"}`:                               1,
		}, quarterAndHalf("node_db_time", `app="shop"`)),
	},
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

// A scrape shows exactly what a client sent.
func (e e2e) testClients(t *testing.T) {
	for i := range clients {
		c := &clients[i]
		for _, network := range c.networks {
			t.Run(c.name+"/"+network, func(t *testing.T) {
				program := c.find(t)
				w := e.startWeir(t)
				host, port := w.hostPort(t, network)
				runProgram(t, nil, program, filepath.Join(scripts, c.script), host, port, network)
				want := c.wantFrom(network)
				eventually(t, func() error {
					p := w.scrape(t)
					return errors.Join(p.compare(want), p.balance())
				})
			})
		}
	}
}

// wantFrom returns what a scrape must show after the client sent over a network.
func (c *client) wantFrom(network string) map[string]float64 {
	transport := fmt.Sprintf("{transport=%q}", network)
	return merge(maps.Clone(c.want), map[string]float64{
		"weir_samples_received_total" + transport:                c.samples,
		`weir_samples_rejected_total{reason="negative_counter"}`: c.negative,
	})
}

// find returns the path of the program that runs the client, or skips the test where the client is missing.
func (c *client) find(t *testing.T) string {
	t.Helper()
	program := need(t, c.program, c.install)
	probe := exec.CommandContext(t.Context(), program, c.probe...)
	probe.Dir = scripts
	if output, err := probe.CombinedOutput(); err != nil {
		t.Logf("%v: %v\n%s", probe, err, output)
		missing(t, c.install)
	}
	return program
}
