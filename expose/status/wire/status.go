package wire

// Status is the answer to GET status: what weir does now, in figures and in words.
type Status struct {
	Now           float64 `json:"now"`
	Instance      string  `json:"instance"` // the name of the host
	Version       string  `json:"version"`
	Revision      string  `json:"revision"`
	GoVersion     string  `json:"go_version"`
	PID           int     `json:"pid"`
	StartedAt     float64 `json:"started_at"`
	UptimeSeconds float64 `json:"uptime_seconds"`

	Health     Health      `json:"health"`
	Ready      bool        `json:"ready"`
	Reload     Reload      `json:"reload"`
	LastScrape *LastScrape `json:"last_scrape"` // null before the first

	// Ledger counts since the start, TenMinutes over the last ten minutes, or since the start.
	Ledger     Ledger       `json:"ledger"`
	TenMinutes RecentLedger `json:"ten_minutes"`
	// Rates are over the last 10 s.
	Rates   LedgerRates  `json:"rates"`
	Peak    Peak         `json:"peak"`
	History History      `json:"history"`
	Series  SeriesCounts `json:"series"`
	Cost    Cost         `json:"cost"`

	// SendersSince is since when lines are counted by sender and by metric; null while they are not.
	SendersSince *float64     `json:"senders_since"`
	Endpoint     EndpointInfo `json:"endpoint"`
	// Lifecycle says that series can be deleted: endpoint.lifecycle.
	Lifecycle bool `json:"lifecycle"`
}

// The levels of health.
const (
	LevelOK   = "ok"
	LevelLook = "look" // something needs a look
	LevelBad  = "bad"  // something is broken
)

// Health is the state in words.
type Health struct {
	// Level is that of the worst note.
	Level string `json:"level"`
	Text  string `json:"text"`
	// Notes are the things that need a look, worst first.
	Notes []Note `json:"notes"`
}

// Note is one thing that needs a look.
type Note struct {
	Level string `json:"level"`
	// Kind is one of limit (it is reached), label (a metric comes near its limit, by a label), rejects,
	// kernel_drops, truncated, late_scrapes, config_changed, reload, state, panics and unbalanced.
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Text  string `json:"text"`
	// Family, Label and Reason are what the note is about; they may be empty.
	Family string `json:"family"`
	Label  string `json:"label"`
	Reason string `json:"reason"`
	// Share is the part of a limit that is used; 0 when the note is not about a limit.
	Share float64 `json:"share"`
	// Fix is what to do: a part of the configuration when FixKind is "config", a command when it is
	// "command", a line to test when it is "line", otherwise a sentence. It may be empty.
	Fix     string `json:"fix"`
	FixKind string `json:"fix_kind"`
	// Section is the section of the page that says more.
	Section string `json:"section"`
}

// Reload is how the last reload of the configuration went.
type Reload struct {
	OK bool `json:"ok"`
	// At is when the configuration in force was read.
	At float64 `json:"at"`
	// Error is the mistakes of the last reload; empty when OK.
	Error string `json:"error"`
}

// LastScrape is the scrape that ended last.
type LastScrape struct {
	At     float64 `json:"at"`
	Peer   string  `json:"peer"`
	Format string  `json:"format"`
}

// Ledger counts what came in, and its outcomes. Recorded, Refused, Rejected, Dropped and Folded count
// samples.
type Ledger struct {
	Datagrams uint64 `json:"datagrams"`
	Bytes     uint64 `json:"bytes"`
	// Truncated datagrams were longer than ingest.max_datagram, KernelDrops never reached weir.
	Truncated   uint64 `json:"truncated"`
	KernelDrops uint64 `json:"kernel_drops"`
	Lines       uint64 `json:"lines"`
	Samples     uint64 `json:"samples"`
	Recorded    uint64 `json:"recorded"`
	// Refused samples would have created a series beyond a limit; Folded ones were recorded in the series of
	// the rest instead, and are among Recorded.
	Refused uint64 `json:"refused"`
	Folded  uint64 `json:"folded"`
	// Rejected samples are malformed or not allowed; Dropped ones met a rule that drops them.
	Rejected uint64 `json:"rejected"`
	Dropped  uint64 `json:"dropped"`
	// Balances says that Samples is the sum of Recorded, Refused, Rejected and Dropped.
	Balances bool `json:"balances"`
}

// RecentLedger is the ledger of the last Seconds.
type RecentLedger struct {
	Ledger

	Seconds float64 `json:"seconds"`
}

// LedgerRates is the ledger per second.
type LedgerRates struct {
	Datagrams   float64 `json:"datagrams"`
	Lines       float64 `json:"lines"`
	Samples     float64 `json:"samples"`
	Recorded    float64 `json:"recorded"`
	Refused     float64 `json:"refused"`
	Rejected    float64 `json:"rejected"`
	Dropped     float64 `json:"dropped"`
	KernelDrops float64 `json:"kernel_drops"`
}

// Peak is when most lines came, in steps of the history, since the start.
type Peak struct {
	LinesPerSecond float64 `json:"lines_per_second"`
	At             float64 `json:"at"` // 0 before the first line
}

// History is the last ten minutes in steps.
type History struct {
	StepSeconds float64 `json:"step_seconds"`
	// Seq is the number of the last step: the parameter since of the next question.
	Seq    uint64 `json:"seq"`
	Points Points `json:"points"`
}

// Points have a value for each step, oldest first; with the parameter since only for newer steps. Counts are
// per second.
type Points struct {
	Datagrams   []float64 `json:"datagrams"`
	Lines       []float64 `json:"lines"`
	Recorded    []float64 `json:"recorded"`
	Refused     []float64 `json:"refused"`
	Rejected    []float64 `json:"rejected"`
	Dropped     []float64 `json:"dropped"`
	KernelDrops []float64 `json:"kernel_drops"`
	CPU         []float64 `json:"cpu"` // in cores
	RSSBytes    []float64 `json:"rss_bytes"`
	Series      []float64 `json:"series"`
}

// SeriesCounts are how many series there are.
type SeriesCounts struct {
	Now      int `json:"now"`
	Limit    int `json:"limit"` // cardinality.max_total_series
	Families int `json:"families"`
	// Created is how many there ever were: those of now, the Expired ones and those that were Deleted.
	Created uint64 `json:"created_total"`
	Expired uint64 `json:"expired_total"`
	Deleted uint64 `json:"deleted_total"`
	// Refused is about how many distinct series the limits refused or folded.
	Refused uint64 `json:"refused_series"`
}

// Cost is what weir takes from its host.
type Cost struct {
	CPU      float64 `json:"cpu"` // cores, over the last 10 s
	RSSBytes uint64  `json:"rss_bytes"`
	// MemoryLimitBytes is GOMEMLIMIT; 0 without one.
	MemoryLimitBytes uint64 `json:"memory_limit_bytes"`
	// ScrapeSeconds is how long scrapes took, and PagesReused the part of their pages that were not rendered
	// again; null before the first scrape.
	ScrapeSeconds *float64 `json:"scrape_seconds"`
	PagesReused   *float64 `json:"pages_reused"`
}

// EndpointInfo is what a client needs to know of the endpoint.
type EndpointInfo struct {
	// Path is that of the exposition.
	Path string `json:"path"`
	// Access says who may use the API: loopback, all, or credentials.
	Access string `json:"api_scope"`
}

// BuildInfo is the answer to GET status/buildinfo, as Prometheus's.
type BuildInfo struct {
	Version   string `json:"version"`
	Revision  string `json:"revision"`
	Branch    string `json:"branch"`
	BuildUser string `json:"buildUser"`
	BuildDate string `json:"buildDate"`
	GoVersion string `json:"goVersion"`
}
