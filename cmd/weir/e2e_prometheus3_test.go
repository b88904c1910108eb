package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/bench/process"
)

// inUTF8 are lines with names that only Prometheus 3 accepts unescaped, and its answers about them. In
// queries a name stands as it was sent, and JOB for the name of the scrape job.
var inUTF8 = struct {
	lines, more     string
	answers, later  map[string]float64 // of every job: after lines; after more, too
	classic, native map[string]float64 // about timers, after lines: in a text format; in protobuf
}{
	lines: "llm.requests:1|c|#model.name:a\nllm.requests:12|c|#model.name:Zürich 模型\n" +
		"llm.tokens_total:5|c|#model.name:\"a\\b\"\nllm.queue:7|g\nllm.queue:-2|g\n" +
		"llm.time:31.25:31.25:46.875|ms|#model.name:é\nllm.time:250|ms|#model.name:é\n" +
		"llm.users:alice|s|#größe:ß\nllm.users:bob|s|#größe:ß\nllm.users:alice|s|#größe:ß\n",
	answers: map[string]float64{
		`up{job="JOB"}`: 1,
		`{"llm.requests","model.name"="a",job="JOB"}`:            1,
		`{"llm.requests","model.name"="Zürich 模型",job="JOB"}`:    12,
		`{"llm.tokens_total","model.name"="\"a\\b\"",job="JOB"}`: 5,
		`{"llm.queue",job="JOB"}`:                                5,
		`{"llm.users","größe"="ß",job="JOB"}`:                    2,
		`sum({"weir_samples_recorded_total",job="JOB"})`:         12,
	},
	classic: map[string]float64{
		`{"llm.time_count","model.name"="é",job="JOB"}`:            4,
		`{"llm.time_sum","model.name"="é",job="JOB"}`:              0.359375,
		`{"llm.time_bucket","model.name"="é",job="JOB",le="0.05"}`: 3,
		`histogram_quantile(1, {"llm.time_bucket",job="JOB"})`:     0.25,
		`count({__name__=~"(U__)?llm.*",job="JOB"})`:               5 + 14, // and so nothing twice
	},
	native: map[string]float64{
		`histogram_count({"llm.time","model.name"="é",job="JOB"})`: 4,
		`histogram_sum({"llm.time","model.name"="é",job="JOB"})`:   0.359375,
		`histogram_fraction(0.02, 0.06, {"llm.time",job="JOB"})`:   0.75,
		`count({__name__=~"(U__)?llm.*",job="JOB"})`:               5 + 1,
	},
	more: "llm.requests:3|c|#model.name:a\n",
	later: map[string]float64{
		`{"llm.requests","model.name"="a",job="JOB"}`:             4,
		`resets({"llm.requests","model.name"="a",job="JOB"}[1m])`: 0,
		`min_over_time(up{job="JOB"}[1m])`:                        1,
	},
}

// escapedNames are the names of inUTF8, as each escaping shows them.
var escapedNames = map[string][]string{
	"allow-utf-8": {"llm.requests", "llm.tokens_total", "llm.queue", "llm.time", "llm.users", "model.name", "größe"},
	"underscores": {"llm_requests", "llm_tokens_total", "llm_queue", "llm_time", "llm_users", "model_name", "gr__e"},
	"dots": {
		"llm_dot_requests", "llm_dot_tokens__total", "llm_dot_queue", "llm_dot_time", "llm_dot_users",
		"model_dot_name", "gr____e",
	},
	"values": {
		"U__llm_2e_requests", "U__llm_2e_tokens__total", "U__llm_2e_queue", "U__llm_2e_time", "U__llm_2e_users",
		"U__model_2e_name", "U__gr_f6__df_e",
	},
}

// scrapeJob is a way in which Prometheus 3 scrapes weir.
type scrapeJob struct {
	name     string
	settings string // lines of the job's configuration
	escaping string // how names are shown then
	timers   map[string]float64
}

var scrapeJobs = []scrapeJob{
	{"default", "", "allow-utf-8", inUTF8.classic}, // OpenMetrics 1.0
	{"text-1.0.0", "scrape_protocols: [PrometheusText1.0.0]", "allow-utf-8", inUTF8.classic},
	{"text-0.0.4", "scrape_protocols: [PrometheusText0.0.4]", "underscores", inUTF8.classic},
	{"openmetrics-0.0.1", "scrape_protocols: [OpenMetricsText0.0.1]", "underscores", inUTF8.classic},
	{"native", "scrape_native_histograms: true", "underscores", inUTF8.native}, // protobuf: it asks for no escaping
	{"underscores", "metric_name_escaping_scheme: underscores", "underscores", inUTF8.classic},
	{"dots", escapeDots, "dots", inUTF8.classic},
	{"dots-text", escapeDots + "\n  scrape_protocols: [PrometheusText1.0.0]", "dots", inUTF8.classic},
	{"values", escapeValues, "values", inUTF8.classic},
	{"values-text", escapeValues + "\n  scrape_protocols: [PrometheusText1.0.0]", "values", inUTF8.classic},
}

// legacyJobs scrape a weir with legacy names: whatever is asked for, there is nothing to escape.
var legacyJobs = []scrapeJob{
	{"legacy", "", "underscores", inUTF8.classic},
	{"legacy-native", "scrape_native_histograms: true", "underscores", inUTF8.native},
	{"legacy-values", escapeValues, "underscores", inUTF8.classic},
}

const (
	escapeDots   = "metric_name_escaping_scheme: dots"
	escapeValues = "metric_name_escaping_scheme: values"
)

// testPrometheus3 holds that Prometheus 3 gets what was sent, in whatever way it asks, and has nothing to warn of.
func (e e2e) testPrometheus3(t *testing.T) {
	d := prometheus3(t)
	flags := []string{"--timers.observer=both", "--sets.window=1h"}
	legacy, utf8 := e.startWeir(t, flags...), e.startWeir(t, append(flags, "--sanitize.names=utf8")...)
	var config strings.Builder
	config.WriteString("scrape_configs:\n")
	writeJobs(&config, utf8, scrapeJobs)
	writeJobs(&config, legacy, legacyJobs)
	database, api := d.start(t, config.String())

	first, later := make(map[string]float64), make(map[string]float64)
	for _, job := range slices.Concat(scrapeJobs, legacyJobs) {
		job.addTo(first, inUTF8.answers)
		job.addTo(first, job.timers)
		job.addTo(later, inUTF8.later)
	}
	for _, step := range []struct {
		lines string
		want  map[string]float64
	}{{inUTF8.lines, first}, {inUTF8.more, later}} {
		send(t, utf8.dial(t, "udp"), step.lines)
		send(t, legacy.dial(t, "udp"), step.lines)
		eventually(t, func() error { return api.compare(step.want) })
	}
	if database.Log() != "" {
		t.Error("Prometheus warns of something")
	}
}

// prometheus3 is the Prometheus that make prometheus3 builds. It logs nothing but warnings and errors.
func prometheus3(t *testing.T) database {
	t.Helper()
	path := filepath.Join("..", "..", "bin", "prometheus3")
	if _, err := os.Stat(path); err != nil {
		process.Missing(t, "install Prometheus 3 with make prometheus3")
	}
	d := databases[0]
	d.name, d.program = "Prometheus 3", path
	return d
}

// writeJobs writes the configurations of jobs that scrape one weir.
func writeJobs(config *strings.Builder, w *weir, jobs []scrapeJob) {
	for _, job := range jobs {
		fmt.Fprintf(config, "- job_name: %s\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  metrics_path: %s\n"+
			"  static_configs: [{targets: [%q]}]\n  %s\n", job.name, w.Path, w.HTTP, job.settings)
	}
}

// addTo adds answers to dst, with names in their queries as the job escapes them.
func (j scrapeJob) addTo(dst, answers map[string]float64) {
	pairs := []string{"JOB", j.name}
	for i, name := range escapedNames["allow-utf-8"] {
		pairs = append(pairs, name, escapedNames[j.escaping][i])
	}
	replacer := strings.NewReplacer(pairs...)
	for query, value := range answers {
		dst[replacer.Replace(query)] = value
	}
}
