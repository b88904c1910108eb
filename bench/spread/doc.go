// Command spread simulates how a sharding relay spreads series over central weirs, without a network: how
// even the load of 3 to 1,000 nodes is, and what moves when one joins or leaves.
//
//	go run ./bench/spread
//
// Series have the IDs that weir gives them (label.IDOf) and belong to nodes as ingest/relay has it
// (relay.Nodes). The load of a series is its samples a second: equal, or by Zipf's law (the second busiest
// has half the samples of the busiest, and so on), where a few series are most of the load. The output is the
// same on every machine; bench/results/spread.txt keeps it.
//
// # Who may call what
//
// Nothing here may be called from elsewhere.
//
// # Memory model
//
// One goroutine does it all.
package main
