package self

// registryRows are the self-metrics of the series: how many there are, what the limits refused, what was odd
// about names and values, and the state file that keeps them.
var registryRows = []row{
	{
		gauge, "weir_series", "Number of series, excluding weir's own.",
		nil, single(func(r *reading) int { return r.registry.Series }),
	},
	{
		counter, "weir_series_expired_total",
		"Series removed because no sample came for series.ttl, or to reset a native histogram.",
		nil, single(func(r *reading) uint64 { return r.registry.SeriesExpired }),
	},
	{
		counter, "weir_series_deleted_total", "Series that POST /api/v1/series/delete removed.",
		nil, single(func(r *reading) uint64 { return r.registry.SeriesDeleted }),
	},
	{
		gauge, "weir_families", "Number of metric names, excluding weir's own.",
		nil, single(func(r *reading) int { return r.registry.Families }),
	},

	// The limits.
	{
		counter, "weir_cardinality_overflow_total",
		"Samples of new series that a cardinality limit refused or folded. " +
			"The hundred metrics with the most have their name, the others count as other.",
		[]string{"metric"},
		overflows,
	},
	{
		gauge, "weir_cardinality_overflow_series",
		"Distinct series that a cardinality limit refused or folded, estimated within about 1 %.",
		nil, single(func(r *reading) uint64 { return r.registry.SeriesRefused }),
	},

	// What was odd.
	{
		counter, "weir_names_merged_total",
		"Names that were sent and became a metric that was first sent under another name, " +
			"as a.b and a_b do; " +
			"at most eight for each metric, and none to which a mapping rule applies.",
		nil, single(func(r *reading) uint64 { return r.registry.NamesMerged }),
	},
	{
		counter, "weir_names_letters_lost_total",
		"Metric names in which letters were replaced by _ because legacy names have only ASCII letters.",
		nil, single(func(r *reading) uint64 { return r.registry.NamesLettersLost }),
	},
	{
		counter, "weir_tags_duplicate_total",
		"Duplicate tags dropped because the tag occurred again in the line; " +
			"counted once per series, not per sample.",
		nil, single(func(r *reading) uint64 { return r.registry.TagsDuplicate }),
	},
	{
		counter, "weir_label_values_other_total",
		"Label values replaced by other because of max_label_values in a mapping rule; " +
			"counted once per series, not per sample.",
		nil, single(func(r *reading) uint64 { return r.registry.ValuesOther }),
	},
	{
		counter, "weir_exemplar_tags_dropped_total",
		"Tags of series.exemplar_tags left out because the exemplar was full.",
		nil, single(func(r *reading) uint64 { return r.registry.ExemplarTagsDropped }),
	},
	{
		counter, "weir_native_resolution_reductions_total",
		"Times that a native histogram lost resolution since it had more buckets than allowed: " +
			"its zero bucket was widened, or pairs of buckets were merged.",
		nil, single(func(r *reading) uint64 { return r.registry.NativeReductions }),
	},
	{
		counter, "weir_gauges_infinite_total", "Samples that set a gauge to an infinite value.",
		nil, single(func(r *reading) uint64 { return r.registry.GaugesInfinite }),
	},

	// The state.
	{
		counter, "weir_state_saves_total", "Successful writes of state.file.",
		nil, ofState(func(s *State) float64 { return float64(s.Saves) }),
	},
	{
		counter, "weir_state_failures_total", "Failed writes of state.file.",
		nil, ofState(func(s *State) float64 { return float64(s.Failures) }),
	},
	{
		gauge, "weir_state_last_save_timestamp_seconds",
		"Time of the last write of state.file, as Unix time.",
		nil, ofState(func(s *State) float64 { return float64(s.SavedAt) }),
	},
	{
		gauge, "weir_state_size_bytes", "Size of state.file.",
		nil, ofState(func(s *State) float64 { return float64(s.Size) }),
	},
	{
		gauge, "weir_state_journal_active",
		"1 while a journal keeps what scrapes and pushes show; if 0, counters begin at zero after a kill.",
		nil, ofState(func(s *State) float64 {
			if s.HasJournal {
				return 1
			}
			return 0
		}),
	},
}

// ofState is for rows that are there only when there is a state file.
func ofState(value func(*State) float64) func(*reading, emit) {
	return func(r *reading, e emit) {
		if r.state != nil {
			e(value(r.state))
		}
	}
}

func overflows(r *reading, e emit) {
	for _, o := range r.overflows {
		e(float64(o.Samples), o.Metric)
	}
}
