package self

// programRows are the self-metrics of the program: its configuration, its bugs and its build.
var programRows = []row{
	{
		gauge, "weir_config_last_reload_successful",
		"1 if the last reload of the configuration succeeded, 0 if it failed.",
		nil, lastReload,
	},
	{
		gauge, "weir_config_last_reload_success_timestamp_seconds",
		"Time when the configuration in force was read, as Unix time.",
		nil, single(func(r *reading) int64 { return r.reload.SucceededAt }),
	},
	{
		counter, "weir_config_reloads_total", "Reloads of the configuration, by outcome.",
		[]string{"outcome"},
		reloads,
	},
	{
		gauge, "weir_mapping_rules", "Number of mapping rules in force.",
		nil, single(func(r *reading) int64 { return r.reload.Rules }),
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

func lastReload(r *reading, e emit) {
	if r.reload.Successful {
		e(1)
	} else {
		e(0)
	}
}

func reloads(r *reading, e emit) {
	e(float64(r.reload.Successes), "success")
	e(float64(r.reload.Failures), "failure")
}

func panics(r *reading, e emit) {
	e(float64(r.total.Ledger.Panics), "ingest")
	e(float64(r.expose.Panics), "expose")
}

func buildInfo(r *reading, e emit) {
	e(1, r.build.Version, r.build.Revision, r.build.GoVersion)
}
