// Package rival holds tests in which other programs judge weir: Prometheus's own parser reads every
// exposition that weir can be made to produce, and statsd_exporter, run beside weir, says what lines and
// mapping files mean; docs/migration.md lists what weir does differently. exporter-toolkit reads the web
// configuration files that weir reads; docs/security.md lists the differences. BenchmarkScrape sets weir's
// expositions beside those of client libraries. It is a module of its own so that what it imports stays out
// of weir's go.mod.
//
//	go -C bench/rival test ./...
//	make bench-scrape
//
// # Who may call what
//
// Nothing here may be called from elsewhere: the room has only tests.
//
// # Memory model
//
// Each test has a weir, and other programs, of its own.
package rival
