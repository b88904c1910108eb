// Package aggregate adds samples up in memory and hands the sums to a scrape: the lines "series", "cell" and
// "snapshot" of weir's straight line.
//
//	sample    protocol.Sample                views into the datagram, valid during Shard.Record
//	series    Shard.Record -> hit: the cell  no lock, no allocation
//	                       -> miss: Registry sanitise, limit, intern (copies; under one mutex)
//	cell      one series' value in one shard one writer, atomics for the reader
//	snapshot  Registry.Snapshot              families in order; a series merges its cells when it is read
//
// # Who may call what
//
// A [Registry] may be used from any goroutine. A [Shard] belongs to the one goroutine that records into it
// (in weir, an ingest loop): no other may call its methods. [Snapshot], [Family] and [Series] are for
// readers: any number of them, at any time, beside the writers.
//
// # Memory model
//
// Everything a shard writes on a hit lies in cells that no other shard writes, cut from slabs of its own,
// so that two cores never write one cache line; readers load the cells atomically. A reader sees each value
// at some moment between the start of the scrape and its end, and a histogram's count always equals its
// +Inf bucket, since it is their sum. Gauges are the exception: one word per series is shared by all shards
// and moved by compare-and-swap, so that the last line to arrive wins whichever loop it came to, and no
// "+1" is lost. Sets are the other: their members are in a map, so each cell has a mutex, contended only by
// a scrape.
//
// A shard keeps what it learned: which cell a raw key means. A sweep, beside the shards, expires a series by
// a mark in its cells (lastSeen), which it sets by compare-and-swap against the writers' note of the time; an
// owner that finds the mark asks the registry anew. Cells are never used twice, so that a reader of an old
// snapshot sees an old value, never another series' one. Exponential buckets (exponential) are the one part
// of a cell that is replaced while it is read: the owner copies, changes and publishes it.
//
// Exemplars are beside the cells, since few ask for them: each shard has a list of places for a series, finds
// it by the raw key, and replaces what is in a place as a whole, at most once a second.
//
// Lock order: Registry.snapshotMu, then Registry.mu; clock.mu, set.mu and labelValues.mu are leaves. Nothing
// calls out while holding a lock.
package aggregate
