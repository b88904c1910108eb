// Package aggregate adds samples up in memory and hands the sums to a scrape: the lines "series", "cell" and
// "snapshot" of weir's straight line.
//
//	sample    protocol.Sample                views into the datagram, valid during Shard.Record
//	series    Shard.Record -> hit: the cell  no lock, no allocation
//	                       -> miss: Registry map, sanitise; then limit, intern under one mutex (copies)
//	cell      one series' value in one shard one writer, atomics for the reader
//	snapshot  Registry.Snapshot              families in order; a series merges its cells when it is read
//
// The most important names: [Registry] creates series and takes snapshots, [Shard] records, [Snapshot],
// [FamilySeries] and [Series] are read, [Values] reads many series at once, [StateFile] keeps them over a
// restart, [Options] configures it all.
//
// # Two identities
//
// In front of the registry, a shard finds a series by its raw key: name and tags as sent, hashed by
// hash/maphash with a seed that nobody knows (package rawkey). That is fast, and nobody can send keys that
// collide. It means something in one process only, and one series has as many raw keys as there are orders
// of its tags.
//
// In the registry, a series is found by its [label.ID]: the xxhash of its sorted label set, as Prometheus
// computes it. It is computed once, when a raw key is resolved, outside the lock. It is the same in every
// process, so limits, exemplars, explanations and other programs can use it. It has no secret, so label
// sets are compared on a hit, and at most eight series of a family may share an ID.
//
// # Who may call what
//
// A [Registry] may be used from any goroutine. A [Shard] belongs to the one goroutine that records into it
// (in weir, an ingest loop): no other may call its methods. [Snapshot], [Family] and [Series] are for
// readers: any number of them, at any time, beside the writers. [Values] and [Observations] belong to one
// goroutine each.
//
// Reading changes nothing. A way out calls [Registry.Offered] with the values before they leave the
// process, and HTTP calls [Snapshot.Served] after a scrape got all of it; see the example.
//
// # Memory model
//
// Everything a shard writes on a hit lies in cells that no other shard writes, cut from slabs of its own,
// so that two cores never write one cache line; readers load the cells atomically. A reader sees each value
// at some moment between the start of the scrape and its end, and a histogram's count always equals its
// +Inf bucket, since it is their sum. Gauges are the exception: one word per series is shared by all shards
// and moved by compare-and-swap, so that the last line to arrive wins whichever loop it came to, and no
// "+1" is lost. Sets are the other exception: their members are in a map, so each cell has a mutex,
// contended only by a scrape.
//
// A shard caches the cell of each raw key. A sweep, beside the shards, expires a series by a mark in its
// cells (lastSeen), which it sets by compare-and-swap against the writers' note of the time; an owner that
// finds the mark asks the registry again. Cells are never used twice, so a reader of an old snapshot sees
// an old value, never that of another series. Exponential buckets are the one part of a cell that is
// replaced while it is read: the owner copies, changes and publishes it.
//
// Exemplars are beside the cells, since few ask for them: each shard has a list of places for a series, finds
// it by the raw key, and replaces the exemplar in a place as a whole, at most once a second.
//
// Lock order: Registry.snapshotMu, then Registry.mu, which guards the catalog of families and series;
// clock.mu, distinct.Set.mu, labelValues.mu, journaling.mu and that of growth.Labels are leaves. Nothing
// calls out while holding a lock.
package aggregate
