// Package process starts programs for the tests and measurements of bench and cmd/weir, watches them and ends
// them. It is around the whole straight line: weir runs in a process of its own, as users run it, between
// senders and scrapers that are other processes.
//
//	Program   how to start one: the path, the flags, how to see that it is ready
//	Process   one that runs: its addresses, its log, scrapes of it, signals, its end
//	Weir      the Program that is weir
//	Start     starts a Program for a test and kills it when the test ends
//
// A test starts weir with [Weir] and [Start]; a command uses [Program.Start] and [Process.Stop]:
//
//	w, err := process.Weir("bin/weir", "--cache.ttl=0s").Start(ctx) // returns when weir is ready
//	...
//	families, err := w.Scrape(ctx)
//	...
//	err = w.Stop() // SIGTERM; SIGKILL when that takes too long
//
// Nothing listens on a fixed port. A program that says where it listens, as weir does, picks its ports
// itself; for another one, free ports are picked, and others when another program was faster. Nothing sleeps
// for a guessed time: a line of the log, the end of the process or a successful request ends each wait.
//
// # Who may call what
//
// A [Program] does not change once it was started, and may be started from any goroutine. The methods of a
// [Process] may be called from any goroutine, except the methods that wait for lines of its log: they share a
// position in it. A process ends by the id that the kernel gave it, never by its name.
//
// # Memory model
//
// A mutex guards the log of a Process, which package os/exec writes. The end of the process is published by
// closing a channel.
package process
