package wire

import "encoding/json"

// Config is the answer to GET config: the configuration in force.
type Config struct {
	Settings []Setting `json:"settings"`
	// Files are the files that it was read from.
	Files []ConfigFile `json:"files"`
	// ChangedOnDisk says that a file has changed since and was not reloaded.
	ChangedOnDisk bool `json:"changed_on_disk"`
	// Notes are the warnings of weir check.
	Notes []string `json:"notes"`
}

// Setting is one key of the configuration.
type Setting struct {
	Key string `json:"key"`
	// Value and Default are as flags take them, lists with commas; both are "<secret>" when Secret and set.
	Value     string `json:"value"`
	Default   string `json:"default"`
	IsDefault bool   `json:"is_default"`
	// Source is one of default, statsd_exporter (its default), file, environment and flag.
	Source string `json:"source"`
	// Place is where it was set: "weir.yaml:12", "WEIR__INGEST__UDP" or "--ingest.udp"; empty for defaults.
	Place  string `json:"place"`
	Secret bool   `json:"secret"`
}

// ConfigFile is a file of the configuration.
type ConfigFile struct {
	Path    string `json:"path"`
	Changed bool   `json:"changed"`
	// Error says why the file cannot be read now; it may be empty.
	Error string `json:"error"`
}

// Rules is the answer to GET rules: the mapping rules, and how many names each decided.
type Rules struct {
	Rules []Rule `json:"rules"`
	Total int    `json:"total"`
	// Unmapped are names that no rule matched, when there are rules: at most a hundred. UnmappedTotal is how
	// many families have such a name.
	Unmapped      []Unmapped `json:"unmapped"`
	UnmappedTotal int        `json:"unmapped_total"`
	// Since is when the rules were put in force: hits count from then on.
	Since float64 `json:"since"`
}

// Rule is one mapping rule.
type Rule struct {
	RuleRef

	MatchType string `json:"match_type"`
	Action    string `json:"action"`
	Name      string `json:"name"`
	// Hits is how many names with tags, as they were sent, the rule decided on: each counts once, not once a
	// line. LastHitAt is when it did last; null when it never did.
	Hits      uint64   `json:"hits"`
	LastHitAt *float64 `json:"last_hit_at"`
	// SamplesPerSecond is an estimate while somebody looks; null while it is not known.
	SamplesPerSecond *float64 `json:"samples_per_second"`
}

// Unmapped is a name that no rule matched.
type Unmapped struct {
	Name   string `json:"name"` // as it was sent
	Family string `json:"family"`
	Series int    `json:"series"`
}

// Explained is the answer to POST explain.
type Explained struct {
	// Lines has for each line what weir explain --json prints.
	Lines []json.RawMessage `json:"lines"`
}

// ExplainQuery is the body of POST explain.
type ExplainQuery struct {
	// Line has one line, or several with newlines between them; at most 8 KiB, and a hundred lines.
	Line string `json:"line"`
}
