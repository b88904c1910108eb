// Package state keeps the series of a registry over restarts, also after a kill: in a state file, and in the
// journal that belongs to it. It stands beside the straight line.
//
//	state          every series, as of the last save; has the number N of its journal and a clean mark
//	state.journal-N    what scrapes and pushes have shown since
//	state.lock     locked by the weir that uses them; says which
//
// A save begins journal N+1, collects the values, replaces the state file by one that says N+1, and removes
// journal N. So whenever the process is killed, what was shown is in the file or in one of the journals N and
// N+1, and [Keeper.Load] takes the larger value of each series. The save of a stop is clean and has no
// journal.
//
// When a journal cannot be kept, or has become full, the state file does not have all that was shown. After a
// kill counters, histograms and summaries begin at zero then, which Prometheus takes for the reset that it
// is.
//
// A process that has loaded a state, and cannot save it, must not leave it as it was: the next one would load
// the same values, after larger ones were shown. See [Keeper.Abandon].
//
// # Who may call what
//
// One goroutine at a time may call the methods of a [Keeper], except for [Keeper.HasJournal], which any may
// call. Load comes before anything is recorded, and so does Abandon.
//
// # Memory model
//
// A Keeper has no lock. The current journal and whether a save has worked are atomics: HasJournal reads them.
//
// The most important names: [Keeper], [New], [Options], [ErrLocked].
package state
