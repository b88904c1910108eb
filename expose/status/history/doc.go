// Package history keeps the counts of the last ten minutes, for the status page: rates, sums and curves. It
// stands beside the straight line, and reads nothing by itself.
//
// # Important names
//
// [History] is the ring, [Counts] what is added to it about once a second.
//
// # Who may call what
//
// One goroutine calls History.Tick, any goroutine the other methods.
//
// # Memory model
//
// A mutex guards the ring, whose size is fixed. Answers belong to who asked.
package history
