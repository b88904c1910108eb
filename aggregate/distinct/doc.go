// Package distinct counts the distinct members of a set that were seen within a window of time: StatsD
// sets, a part of the line "cell" of weir's straight line.
//
//	cell    Set.Insert        one for each shard and series
//	merge   Union.Add         the cells of one series
//	values  Union.Count       what a scrape shows
//	state   Save, Set.Restore what a state file keeps
//
// A [Set] knows up to 1,024 members, and when each was last seen. Beyond, it keeps HyperLogLog sketches
// (standard error 0.6 %), one for each quarter of the window. Members are told apart by a 64-bit hash:
// among n of them a collision has a chance of n*n/2^65.
//
// # Memory model
//
// A Set has a mutex, contended only by a scrape: one shard inserts, any number of goroutines read. The
// mutex is a leaf of the lock order. Everything else belongs to one goroutine. Times are seconds on any
// clock; one that goes back does no harm.
//
// # Who may call what
//
// It is a leaf: the cells of aggregate use it, and its limits use [NewSketch] for their estimate.
package distinct
