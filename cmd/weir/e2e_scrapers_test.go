package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"weir/bench/process"
)

// scraped are lines, what they hold in samples, and what a database that scrapes weir must answer about them.
var scraped = struct {
	lines   string
	answers map[string]float64 // by query in PromQL
}{
	lines: "web.hits:3|c|#status:200\nweb.hits:1|c|#status:500\nweb.hits:1|c|@0.1|#status:200\n" +
		"queue.depth:7|g\nqueue.depth:-2|g\n" +
		"db.time:31.25:31.25:46.875|ms\ndb.time:250|ms\n" +
		"size:0.25:0.75|d|#route:/a b\\c\nsize:200|h|#route:/a b\\c\n" +
		"users:alice|s\nusers:bob|s\nusers:alice|s\n",
	answers: map[string]float64{
		`up{job="weir"}`:                    1,
		`web_hits{job="weir",status="200"}`: 13,
		`sum(web_hits)`:                     14,
		`queue_depth`:                       5,
		`db_time_count`:                     4,
		`db_time_sum`:                       0.359375,
		`db_time_bucket{le="0.05"}`:         3,
		`count({__name__=~"db_time.*"})`:    14,
		`size_sum{route="/a b\\c"}`:         201,
		`size_bucket{le="+Inf"}`:            3,
		`size_count`:                        3,
		`size_bucket{le=~"10(.0)?"}`:        2, // OpenMetrics has 10.0, and Prometheus 2 takes it as it is
		`users`:                             2,
		`sum(weir_samples_recorded_total)`:  15,

		`histogram_quantile(0.5, sum by (le) (db_time_bucket))`: 0.025 + 0.025*2/3,
		`histogram_quantile(1, db_time_bucket)`:                 0.25,
	},
}

// database is a program that scrapes weir and answers PromQL.
type database struct {
	name, program, install string

	// flags are the program's, when it reads config, keeps its data in dir and listens at address.
	flags func(config, dir, address string) []string
}

var databases = []database{
	{"prometheus", "prometheus", "prometheus", func(config, dir, address string) []string {
		return []string{
			"--config.file=" + config, "--storage.tsdb.path=" + dir, "--web.listen-address=" + address,
			"--log.level=warn",
		}
	}},
	{"victoria-metrics", "victoria-metrics", "victoria-metrics", func(config, dir, address string) []string {
		return []string{
			"-promscrape.config=" + config, "-storageDataPath=" + dir, "-httpListenAddr=" + address,
			"-search.latencyOffset=0s", "-search.disableCache", "-loggerLevel=WARN",
		}
	}},
}

// A database that scrapes weir answers with what was sent, also after more was.
func (e e2e) testScrapers(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			need(t, d.program, d.install)
			w := e.startWeir(t)
			api := d.scrape(t, []*weir{w})
			c := w.dial(t, "udp")
			send(t, c, scraped.lines)
			eventually(t, func() error { return api.compare(scraped.answers) })
			send(t, c, "web.hits:7|c|#status:200\ndb.time:250|ms\n")
			eventually(t, func() error {
				return api.compare(map[string]float64{
					`web_hits{status="200"}`: 20, `resets(web_hits{status="200"}[1m])`: 0,
					`db_time_count`: 5, `max_over_time(web_hits{status="200"}[1m])`: 20,
				})
			})
		})
	}
}

// A Prometheus that wants native histograms asks for protobuf, and gets them; everything else is as in text.
func (e e2e) testNativeHistograms(t *testing.T) {
	d := databases[0]
	need(t, d.program, d.install)
	flags := d.flags
	d.flags = func(config, dir, address string) []string {
		return append(flags(config, dir, address), "--enable-feature=native-histograms")
	}
	w := e.startWeir(t, "--timers.observer=both")
	api := d.scrape(t, []*weir{w})
	send(t, w.dial(t, "udp"), scraped.lines)
	eventually(t, func() error {
		return api.compare(map[string]float64{
			`histogram_count(db_time)`: 4, `histogram_sum(db_time)`: 0.359375, `histogram_count(size)`: 3,
			`histogram_fraction(0.02, 0.06, db_time)`: 0.75, `web_hits{status="200"}`: 13, `queue_depth`: 5, `users`: 2,
		})
	})
}

// scrape starts the database, which scrapes weirs of one configuration; more are lines about how it does.
func (d *database) scrape(t *testing.T, weirs []*weir, more ...string) promAPI {
	t.Helper()
	var targets []string
	for _, w := range weirs {
		targets = append(targets, strconv.Quote(w.HTTP))
	}
	_, api := d.start(t, fmt.Sprintf("scrape_configs:\n- job_name: weir\n  scrape_interval: 1s\n  scrape_timeout: 1s\n"+
		"  metrics_path: %s\n  static_configs:\n  - targets: [%s]\n  %s\n", weirs[0].Path, strings.Join(targets, ", "),
		strings.Join(more, "\n  ")))
	return api
}

// start starts the database with a configuration and returns when it answers. The end of the test kills it.
func (d *database) start(t *testing.T, configuration string) (*process.Process, promAPI) {
	t.Helper()
	config, dir := filepath.Join(t.TempDir(), "config.yml"), t.TempDir()
	if err := os.WriteFile(config, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	p := process.Start(t, &process.Program{
		Path: d.program, StartLimit: waitLimit,
		Args: func(at process.Addresses) ([]string, error) { return d.flags(config, dir, at.HTTP), nil },
		Ready: func(ctx context.Context, p *process.Process) error {
			_, err := p.Get(ctx, "/-/ready", "")
			return err
		},
	})
	return p, promAPI("http://" + p.HTTP + "/api/v1/")
}

// promAPI is the address of Prometheus's HTTP API.
type promAPI string

// compare returns what differs from the answers wanted, by query.
func (a promAPI) compare(want map[string]float64) error {
	var errs []error
	for query, value := range want {
		got, err := a.query(query)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", query, err))
		} else if math.Abs(got-value) > 1e-9 {
			errs = append(errs, fmt.Errorf("%s = %v, want %v", query, got, value))
		}
	}
	return errors.Join(errs...)
}

// query returns the one value that answers a query.
func (a promAPI) query(query string) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, string(a)+"query?query="+url.QueryEscape(query),
		http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct{ Result []struct{ Value [2]any } }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("%s: %w", response.Status, err)
	}
	if n := len(answer.Data.Result); n != 1 {
		return 0, fmt.Errorf("%d answers %s", n, answer.Error)
	}
	text, ok := answer.Data.Result[0].Value[1].(string)
	if !ok {
		return 0, fmt.Errorf("no number: %v", answer.Data.Result)
	}
	return strconv.ParseFloat(text, 64)
}

// testPromtool holds that Prometheus's linter finds nothing in what an idle weir exposes.
func (e e2e) testPromtool(t *testing.T) {
	promtool := need(t, "promtool", "prometheus")
	w := e.startWeir(t)
	if output := runProgram(t, w.scrape(t).text, promtool, "check", "metrics"); output != "" {
		t.Errorf("promtool check metrics: %s", output)
	}
}
