package wire

// Families is the answer to GET families.
type Families struct {
	Families []Family `json:"families"`
	// Total is how many families there are on all pages.
	Total int `json:"total"`
	// Next is the cursor of the next page; empty on the last one.
	Next string `json:"next,omitempty"`
	// Estimated says that rates come from a sample of lines; Sample says of which part, like "1 in 250
	// lines".
	Estimated bool   `json:"estimated,omitempty"`
	Sample    string `json:"sample,omitempty"`
}

// Family is a family of series.
type Family struct {
	Name string `json:"name"`
	// Type is the type in an exposition, Kind how the series are kept: the type, native, set or check.
	Type string `json:"type"`
	Kind string `json:"kind"`
	Help string `json:"help"`
	// Series is how many series there are.
	Series int `json:"series"`
	// SamplesPerSecond is null while it is not known. Share is the part of all samples that it is.
	SamplesPerSecond *float64 `json:"samples_per_second"`
	Share            *float64 `json:"share"`
	LastSeenAt       *float64 `json:"last_seen_at"`
	CreatedAt        *float64 `json:"created_at"`
	// ExposedBytes is about how large the family is as text.
	ExposedBytes int `json:"exposed_bytes"`
	// NewPerMinute is how many series samples created in the last minute.
	NewPerMinute int `json:"new_per_minute"`
	// History is samples a second in steps of 5 s, oldest first.
	History []float64 `json:"history,omitempty"`
	// Senders are at most five senders, most samples first; SendersMore is how many more there are.
	Senders     []FamilySender `json:"senders"`
	SendersMore int            `json:"senders_more"`
	// Rule is the mapping rule that decided the name last; null when none did.
	Rule *RuleRef `json:"rule"`
	// Names are the names that were sent where no rule decided, at most nine.
	Names []string `json:"names"`
	// Limit is the most series that the family may have; 0 for weir's own.
	Limit int `json:"limit"`
	// Refused is how many samples of the family the limits refused or folded.
	Refused uint64 `json:"refused"`
}

// FamilySender is a sender of one family.
type FamilySender struct {
	Name             string   `json:"name"`
	PID              int      `json:"pid,omitempty"`
	Address          string   `json:"address,omitempty"`
	SamplesPerSecond *float64 `json:"samples_per_second"`
}

// RuleRef says where a mapping rule is, and what it matches.
type RuleRef struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Match string `json:"match"`
}

// FamilyDetail is the answer to GET families/{name}.
type FamilyDetail struct {
	Family Family   `json:"family"`
	Series []Series `json:"series"`
	Next   string   `json:"next,omitempty"`
	// Exposed is the lines of these series in the format that was asked for, as a scrape has them.
	Exposed          string `json:"exposed"`
	ExposedTruncated bool   `json:"exposed_truncated"`
	// Why says in words how the family came to its name and form.
	Why    []string `json:"why"`
	PromQL []Query  `json:"promql"`
}

// Query is PromQL to paste.
type Query struct {
	Title string `json:"title"`
	Query string `json:"query"`
}

// SeriesList is the answer to GET series.
type SeriesList struct {
	Series []Series `json:"series"`
	Next   string   `json:"next,omitempty"`
}

// Series is one series with its value, as scrapes see it.
type Series struct {
	Family string            `json:"family"`
	Labels map[string]string `json:"labels"`
	// Series is the name with the labels in braces.
	Series string `json:"series"`
	// Value is the value of a counter or a gauge, otherwise null. Count and Sum belong to a histogram or a
	// summary.
	Value     *string           `json:"value"`
	Count     *uint64           `json:"count"`
	Sum       *string           `json:"sum"`
	Quantiles map[string]string `json:"quantiles,omitempty"`

	LastSeenAt       *float64 `json:"last_seen_at"`
	CreatedAt        *float64 `json:"created_at"`
	SamplesPerSecond *float64 `json:"samples_per_second"`
	// ShowingZero says that scrapes see 0 until one of them was served.
	ShowingZero bool `json:"showing_zero"`
}

// Labels is the answer to GET labels.
type Labels struct {
	Labels []Label `json:"labels"`
	Total  int     `json:"total"`
	// At is when values were counted: after that, the answer is as old as this says.
	At *float64 `json:"at"`
}

// Label is a label of all families.
type Label struct {
	Name string `json:"name"`
	// Values is how many distinct values there are: beyond 65,536, within about 1 %.
	Values int `json:"values"`
	// Families are at most five families. The one in which the label has most values is the first.
	Families      []LabelFamily `json:"families"`
	FamiliesTotal int           `json:"families_total"`
	// GrowthPerMinute is about how many values were new in the last minute; null when no sample had the label
	// since weir started. GrowthSince is since when values are watched.
	GrowthPerMinute *float64 `json:"growth_per_minute"`
	GrowthSince     *float64 `json:"growth_since"`
	// Newest are at most 20 values, the newest first.
	Newest []string    `json:"newest"`
	Limit  *LabelLimit `json:"limit"`
	// Fix is a line for a mapping file.
	Fix string `json:"fix"`
}

// LabelFamily is a family that has a label.
type LabelFamily struct {
	Name   string `json:"name"`
	Values int    `json:"values"`
	Series int    `json:"series"`
}

// LabelLimit is the limit that a label comes closest to.
type LabelLimit struct {
	// Kind is max_label_values, max_series_per_metric or max_total_series.
	Kind string `json:"kind"`
	Most int    `json:"most"`
	Used int    `json:"used"`
}

// TSDB is the answer to GET status/tsdb: the JSON of Prometheus.
type TSDB struct {
	HeadStats                   HeadStats `json:"headStats"`
	SeriesCountByMetricName     []Stat    `json:"seriesCountByMetricName"`
	LabelValueCountByLabelName  []Stat    `json:"labelValueCountByLabelName"`
	MemoryInBytesByLabelName    []Stat    `json:"memoryInBytesByLabelName"`
	SeriesCountByLabelValuePair []Stat    `json:"seriesCountByLabelValuePair"`
}

// HeadStats are the totals of TSDB. Times are in milliseconds.
type HeadStats struct {
	NumSeries     uint64 `json:"numSeries"`
	NumLabelPairs int    `json:"numLabelPairs"`
	ChunkCount    int64  `json:"chunkCount"`
	MinTime       int64  `json:"minTime"`
	MaxTime       int64  `json:"maxTime"`
}

// Stat is a count with a name.
type Stat struct {
	Name  string `json:"name"`
	Value uint64 `json:"value"`
}

// Deleted is the answer to POST series/delete.
type Deleted struct {
	Deleted int `json:"deleted"`
}

// DeleteQuery asks for a deletion.
type DeleteQuery struct {
	// Match are selectors of Prometheus: series that any of them selects are deleted.
	Match []string
	// Who is the name of who asks, From the address: for the log.
	Who, From string
}

// FamiliesQuery asks for families.
type FamiliesQuery struct {
	// Match is a part of the names to show, or a glob with '*' and '?' that whole names fit; empty shows all.
	Match string
	// Type is the type or the kind of the families to show; empty shows all.
	Type string
	// Sort is one of FamilySorts; empty means the first.
	Sort string
	// Limit is the most families of the answer, After the cursor of the page before; empty for the first.
	Limit int
	After string
	// HasOwn asks for weir's own families, too.
	HasOwn bool
}

// FamilyQuery asks for one family with its series.
type FamilyQuery struct {
	Name string
	// Format is the format of the exposed lines, one of Formats; empty means the first.
	Format string
	// Limit is the most series of the answer, After the cursor of the page before; empty for the first.
	Limit int
	After string
}

// SeriesQuery asks for series.
type SeriesQuery struct {
	// Match is a selector of Prometheus, like a{b="c",d=~"e.*"}; it may be empty when Family is not.
	Match string
	// Family is the name of a family; empty means any.
	Family string
	Limit  int
	After  string
}

// LabelsQuery asks for labels.
type LabelsQuery struct {
	// Sort is one of LabelSorts; empty means the first.
	Sort  string
	Limit int
}
