package self

import (
	"weir/aggregate"
	"weir/expose"
	"weir/ingest"
)

// Build is what the program was built from.
type Build struct{ Version, Revision, GoVersion string }

// State are the counts of state.file.
type State struct {
	// Saves and Failures are how many writes succeeded and failed.
	Saves, Failures uint64
	// SavedAt is the time of the last write, in seconds since the epoch, and Size the bytes that it wrote.
	SavedAt, Size int64
	// HasJournal reports whether a journal has everything that scrapes and pushes have shown.
	HasJournal bool
}

// Reload are the counts of reloads of the configuration.
type Reload struct {
	// Successes and Failures are how many reloads there were; the start is none.
	Successes, Failures uint64
	// Successful reports whether the last one succeeded; true before the first.
	Successful bool
	// SucceededAt is when the configuration in force was read, in seconds since the epoch.
	SucceededAt int64
	// Rules is how many mapping rules are in force.
	Rules int64
	// Error is the mistakes of the last reload; empty when it succeeded.
	Error string
}

// Sources are the parts that the values of the self-metrics come from.
type Sources struct {
	Registry *aggregate.Registry
	Ingest   *ingest.Server
	Expose   *expose.Server
	// State is nil without a state file. State and Reload are called at each scrape, by any goroutine.
	State  func() State
	Reload func() Reload
	// StatusBytes is how much memory the status page and the API use; nil without them.
	StatusBytes func() int
}

// reading has the counts of all sources at one scrape. The rows share it, so that they add up: samples
// received are the sum of all outcomes in every single scrape.
type reading struct {
	ingest    ingest.Stats
	total     ingest.TransportStats // of ingest
	registry  aggregate.Stats
	overflows []aggregate.Overflow
	expose    expose.Stats
	state     *State // nil without a state file
	reload    Reload
	status    int // bytes of the status page and the API
	build     Build
	families  []aggregate.FamilySeries
}
