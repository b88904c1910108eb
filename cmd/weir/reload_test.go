package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/bench/process"
	"weir/config"
)

// reloading is a running weir with files that can change.
type reloading struct {
	*running

	config, rules string // paths
}

// startReloading starts a weir with the configuration withRules and oldRules.
func startReloading(t *testing.T) *reloading {
	t.Helper()
	t.Chdir(t.TempDir())
	r := &reloading{config: "weir.yaml", rules: "rules.yaml"}
	r.write(t, r.config, withRules)
	r.write(t, r.rules, oldRules)
	load := func() (*config.Config, error) {
		c, err := config.Load(config.Sources{File: r.config})
		if err == nil {
			loopback(c)
		}
		return c, err
	}
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	r.running = startApp(t, c)
	r.reload.from(load)
	return r
}

// loopback is what startApp makes of a configuration.
func loopback(c *config.Config) {
	c.Ingest.UDP, c.Ingest.TCP = []string{"127.0.0.1:0"}, []string{"127.0.0.1:0"}
	c.Expose.Endpoint.Listen = "127.0.0.1:0"
	c.Expose.Cache.TTL = 0 // each scrape shows what came before it
}

func (*reloading) write(t *testing.T, path, text string) {
	t.Helper()
	mustDo(t, os.WriteFile(path, []byte(text), 0o600))
}

// post sends a POST and returns the status and the body.
func (a *running) post(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := http.Post("http://"+a.expose.Addr().String()+path, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// awaits waits until the exposition has all the lines.
func (a *running) awaits(t *testing.T, lines ...string) {
	t.Helper()
	eventually(t, func() error {
		body, err := a.get("/metrics")
		for _, line := range lines {
			if err == nil && !strings.Contains(body, "\n"+line+"\n") {
				err = fmt.Errorf("%s is not in the exposition", line)
			}
		}
		return err
	})
}

const (
	withRules     = "endpoint: {lifecycle: true}\nmapping: {file: rules.yaml}\n"
	oldRules      = `mappings: [{match: "web.*", name: old, labels: {site: "$1"}}]`
	newRules      = `mappings: [{match: "web.*", name: new, labels: {site: "$1"}}, {match: x, name: y}]`
	reloadSuccess = "weir_config_last_reload_successful "
)

// A reload changes what becomes of later samples; series keep their values.
func TestReloadRules(t *testing.T) {
	r := startReloading(t)
	r.send(t, "udp", "web.a:1|c\nhits:1|c")
	r.awaits(t, `old{site="a"} 1`, "weir_mapping_rules 1", reloadSuccess+"1")
	r.write(t, r.rules, newRules)
	if status, body := r.post(t, "/-/reload"); status != 200 {
		t.Fatalf("reload: %d %s", status, body)
	}
	eventually(t, func() error { // a shard sees other rules when the second turns
		r.send(t, "udp", "web.a:1|c")
		if body, err := r.get("/metrics"); err != nil || !strings.Contains(body, "\nnew{") {
			return errors.Join(err, errors.New("the new rules are not in force"))
		}
		return nil
	})
	r.send(t, "udp", "hits:1|c")
	r.awaits(t, "hits 2", "weir_mapping_rules 2", `weir_config_reloads_total{outcome="success"} 1`)
}

func TestReloadOfBadFiles(t *testing.T) {
	r := startReloading(t)
	r.write(t, r.rules, "mappings: [{match: a, nam: b}]")
	status, body := r.post(t, "/-/reload")
	if status != 422 || !strings.Contains(body, "rules.yaml:1: mappings[0].nam: ") {
		t.Errorf("reload: %d %q, want 422 and where the mistake is", status, body)
	}
	r.write(t, r.config, withRules+"cardinality: {max_total_series: 0, max_series_per_metric: 1}\nlog: {level: x}\n")
	status, body = r.post(t, "/-/reload")
	if status != 422 || strings.Count(body, "\n") != 4 || !strings.Contains(body, "weir.yaml:4: log.level: x: ") {
		t.Errorf("reload: %d %q, want 422 and the mistakes of both files", status, body)
	}
	if got := r.registry.Limits(); got != aggregate.DefaultOptions().Limits {
		t.Errorf("limits = %+v after a bad reload", got)
	}
	r.send(t, "udp", "web.a:1|c")
	r.awaits(t, `old{site="a"} 1`, reloadSuccess+"0", `weir_config_reloads_total{outcome="failure"} 2`,
		"weir_mapping_rules 1")
	r.write(t, r.config, withRules)
	r.write(t, r.rules, oldRules)
	if status, _ := r.post(t, "/-/reload"); status != 200 {
		t.Errorf("reload of a configuration that is good again: %d", status)
	}
	r.awaits(t, reloadSuccess+"1")
}

func TestReloadLimitsAndRestarts(t *testing.T) {
	r := startReloading(t)
	var log bytes.Buffer
	r.reload.log = zerolog.New(&log)
	r.write(t, r.config, withRules+"cardinality: {max_total_series: 1}\nstate: {interval: 2s}\n")
	if err := r.reload.now("a test"); err != nil {
		t.Fatal(err)
	}
	r.send(t, "udp", "a:1|c\nb:1|c")
	r.awaits(t, "a 1", `weir_samples_refused_total{limit="max_total_series"} 1`)
	if n := strings.Count(log.String(), "needs a restart"); n != 1 || !strings.Contains(log.String(), "state.interval") {
		t.Errorf("log: %s, want a warning about state.interval alone", &log)
	}
}

// Scrapes, lines and reloads at the same time lose nothing.
func TestReloadUnderLoad(t *testing.T) {
	r := startReloading(t)
	const rounds, lines = 50, 200
	c, err := net.Dial("tcp", listenerOf(t, r.ingest, "tcp"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var busy sync.WaitGroup
	busy.Go(func() {
		for range rounds {
			if _, err := io.WriteString(c, strings.Repeat("hits:1|c\nweb.a:1|c\nt:1|ms\n", lines)); err != nil {
				t.Error(err)
			}
		}
	})
	busy.Go(func() {
		for range rounds {
			if _, err := r.get("/metrics"); err != nil {
				t.Error(err)
			}
		}
	})
	began := time.Now()
	for i := range rounds {
		rules := oldRules
		if i%2 == 0 {
			rules = newRules
		}
		r.write(t, r.rules, rules)
		r.write(t, r.config, withRules+fmt.Sprintf("timers: {observer: %s}\n", []string{"summary", "both"}[i%2]))
		if err := r.reload.now("a test"); err != nil {
			t.Error(err)
		}
		r.registry.Tick(began.Add(time.Duration(i) * time.Second)) // shards look at the rules once a second
	}
	busy.Wait()
	const all = rounds * lines
	eventually(t, func() error {
		if got := r.ledger().Outcomes[0]; got != 3*all {
			return fmt.Errorf("%d of %d samples recorded; rejected: %s", got, 3*all, r.rejected())
		}
		return nil
	})
	r.awaits(t, fmt.Sprintf("hits %d", all), fmt.Sprintf("t_count %d", all))
}

func TestQuit(t *testing.T) {
	r := startReloading(t)
	if status, _ := r.post(t, "/-/quit"); status != 200 {
		t.Errorf("quit: %d", status)
	}
	if err := <-r.done; err != nil {
		t.Errorf("run: %v", err)
	}
	r.done <- nil // for the cleanup
}

// With statsd_exporter's flags its self-metrics are there, and no sample may take their names.
func TestCompatSelfMetrics(t *testing.T) {
	c := config.Default()
	c.Compat = true
	a := startApp(t, c)
	a.send(t, "udp", "hits:1|c\nbad\nhits:1|g\nhits:1|c|@x\nstatsd_exporter_lines_total:1|c")
	a.awaits(t, "statsd_exporter_lines_total 5", `statsd_exporter_events_total{type="counter"} 1`,
		"statsd_exporter_events_conflict_total 1",
		`statsd_exporter_sample_errors_total{reason="malformed_line"} 1`,
		`statsd_exporter_sample_errors_total{reason="invalid_sample_factor"} 1`,
		`statsd_exporter_metrics_total{type="counter"} 1`, "statsd_exporter_loaded_mappings 0")
}

// SIGHUP reloads the real program, with the level of its log, and a change of a watched file does.
func TestSignalReloads(t *testing.T) {
	t.Chdir(t.TempDir())
	path := filepath.Join(".", "weir.yaml")
	mustDo(t, os.WriteFile(path, []byte("log: {level: info}\n"), 0o600))
	p := startWeir(t, "--config="+path, "--reload.watch")
	mustDo(t, os.WriteFile(path, []byte("log: {level: debug}\n"), 0o600))
	awaitLog(t, p, `"because":"a file changed"`)
	sendSignal(t, p, syscall.SIGHUP)
	awaitLog(t, p, `"because":"SIGHUP"`)
	mustDo(t, os.WriteFile(path, []byte("log: {level: loud}\n"), 0o600))
	sendSignal(t, p, syscall.SIGHUP)
	awaitLog(t, p, `weir.yaml:1: log.level: loud: want debug`)
	process.MustStop(t, p)
	if !strings.Contains(p.Log(), `"message":"stopped"`) {
		t.Errorf("weir does not say that it stopped:\n%s", p.Log())
	}
}
