// Command weir is a StatsD aggregator for Prometheus. The program is the whole straight line, wired:
//
//	socket, datagram, line, sample   [ingest.Server]        reads sockets; one shard a loop
//	series, cell, snapshot           [aggregate.Registry]   adds samples up; no input makes it fail
//	page, response                   [expose.Server]        answers scrapes
//
// docs/design.md has the whole picture.
//
// # Who may call what
//
// Nobody imports this package, and it is the only one that knows all others. [NewApp] builds the parts
// without opening anything; [App.Run] opens them, and closes them in the order of the data. The parts know
// each other only through what NewApp hands them.
//
// The command line is main.go, with a file for each command: check.go, explain.go, map.go, follow.go (weir
// tail and weir top), version.go, help.go, completion.go. A command reads the configuration with readConfig
// and returns an error; run turns errors into exit codes, and main alone exits. Rooms of their own do the
// work:
//
//	explain, maptest, production   weir explain, weir map test, weir check --production
//	tail, top, api                 weir tail, weir top, and how they ask a running weir
//	status                         what a running weir answers, wired in lookat.go
//	self                           weir's own families
//	losses                         the warnings about samples that are being lost
//
// Beside the straight line stand
//
//	state             saves the series to state.file and restores them
//	reload            reads the configuration again while weir runs
//	fileWatch         sees that files of the configuration have changed
//	logLevel          the level of the log, which a reload may change
//
// # Memory model
//
// Run starts every goroutine of this package in an errgroup and waits for it: one each serves HTTP, moves the
// clock and warns about losses (tick), lets series expire (sweep), reloads, and saves the state. Lines are
// read by the loops of ingest, which this package never touches.
//
// An App does not change after NewApp. Everything that changes while it runs has one owner: the losses.Log
// belongs to tick, then to Run; reload has a mutex; the counts of state and reload are atomics, which a
// scrape reads.
package main
