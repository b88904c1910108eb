package main

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// selfRow is one family of self-metrics. A new self-metric is a new row, and nothing else.
type selfRow struct {
	typ        prometheus.ValueType
	name, help string
	labels     []string             // nil for a family of one series
	values     func(*reading, emit) // emits every series; may emit none
}

// emit takes one value of a row, with the values of the row's labels in their order.
type emit func(value float64, labels ...string)

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// selfRows is the one table of self-metrics, in the order of the data: what comes in, the series, what goes
// out, the program. Only scrapeHistograms and the process_* and go_* families are not in it. The documented
// table is made from it (TestDocsTables).
var selfRows = slices.Concat(ingestRows, registryRows, exposeRows, programRows)

// programRows are the self-metrics of the program: its configuration, its bugs and its build.
var programRows = []selfRow{
	{
		gauge, "weir_config_last_reload_successful",
		"1 if the last reload of the configuration succeeded, 0 if it failed.",
		nil, lastReload,
	},
	{
		gauge, "weir_config_last_reload_success_timestamp_seconds",
		"Time when the configuration in force was read, as Unix time.",
		nil, single(func(r *reading) int64 { return r.reload.succeededAt.Load() }),
	},
	{
		counter, "weir_config_reloads_total", "Reloads of the configuration, by outcome.",
		[]string{"outcome"},
		reloads,
	},
	{
		gauge, "weir_mapping_rules", "Number of mapping rules in force.",
		nil, single(func(r *reading) int64 { return r.reload.rules.Load() }),
	},
	{
		counter, "weir_panics_total",
		"Panics caught while reading lines or answering requests. Each is a bug; please report it.",
		[]string{"part"},
		panics,
	},
	{
		gauge, "weir_build_info", "Constant 1, labelled with the version that weir was built from.",
		[]string{"version", "revision", "goversion"},
		buildInfo,
	},
}

// single is for rows of one value without labels.
func single[N int | int64 | uint64](value func(*reading) N) func(*reading, emit) {
	return func(r *reading, e emit) { e(float64(value(r))) }
}

func lastReload(r *reading, e emit) {
	if r.reload.successful.Load() {
		e(1)
	} else {
		e(0)
	}
}

func reloads(r *reading, e emit) {
	e(float64(r.reload.successes.Load()), "success")
	e(float64(r.reload.failures.Load()), "failure")
}

func panics(r *reading, e emit) {
	total := r.ingest.Total()
	e(float64(total.Panics), "ingest")
	e(float64(r.expose.Panics), "expose")
}

func buildInfo(_ *reading, e emit) {
	b := readBuild()
	e(1, b.version, b.revision, b.goVersion)
}
