// Package glob matches texts against globs, in which '*' stands for any bytes and '?' for one. People write
// them to select names of metrics.
//
// The package is beside weir's straight line; ingest/tap and expose/status/explore use it. Its only names are
// [Is] and [Match].
//
// # Who may call what
//
// It is a leaf. Any goroutine may call both.
//
// # Memory model
//
// Nothing is kept, and nothing is allocated.
package glob
