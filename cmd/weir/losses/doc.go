// Package losses says in the log which samples are being lost, and what to do. It stands beside the straight
// line, and looks at the counts of its parts about once a second:
//
//	datagram  ingest.Stats                    datagrams that the kernel dropped
//	line      ingest.Stats, ingest.Reject     samples that were rejected, by reason
//	series    aggregate.Registry.Overflows    samples that a cardinality limit refused
//
// The self-metrics count every loss. The log shows some of them, at most so many lines a minute: it must not
// fill the disk of whoever is flooded.
//
// # Important names
//
// [New] makes a [Log]. [Log.Tick] looks once, [Log.Last] once more at the end. [Ingest] is the part of
// ingest.Server that it reads.
//
// # Who may call what
//
// Only cmd/weir imports this package. One goroutine at a time calls the methods of a Log.
//
// # Memory model
//
// A Log remembers, for each cause, how much of it the log has. Causes are a closed set, so its memory is
// bounded. The counts that it reads are published by their owners and safe to read at any time.
package losses
