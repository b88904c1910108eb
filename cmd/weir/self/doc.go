// Package self measures weir itself: the families weir_*, those of statsd_exporter that its dashboards need,
// and process_* and go_*. It stands beside the straight line: each part of it counts, and this package reads
// the counts when somebody scrapes.
//
//	socket ... response   ingest.Stats, aggregate.Stats, expose.Stats   counts of the parts
//	exposition            Metrics, a prometheus.Collector               one reading for each scrape
//
// A family is one row of a table: its type, name, help and labels, and a function that takes its values from
// a reading. The tables are ordered as the data: ingest.go, registry.go, expose.go, program.go; compat.go has
// those of statsd_exporter, alias.go the second names of six families.
//
// # Important names
//
// [New] makes [Metrics]; [Metrics.SetSources] says where the values come from ([Sources]). [Metrics.Gatherer]
// and [Metrics.Observers] are for expose, [Metrics.Names] and [Names] for the registry, which refuses samples
// that would take a name of them. [Families] and [CompatFamilies] describe the tables for the documentation.
//
// # Who may call what
//
// Only cmd/weir imports this package. Any goroutine may call the methods of Metrics; cmd/weir calls
// SetSources once, before the first scrape.
//
// # Memory model
//
// Metrics holds no counts of its own except two histograms, which are safe for any goroutine. Every scrape
// makes a new reading, so all rows of a scrape show the same counts.
package self
