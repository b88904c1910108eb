// Package verdict compares an exposition with the workload that was sent, number by number: the lines "sent"
// and "scraped" at the two ends of weir's straight line.
//
//	differences := verdict.Compare(generator.Expected(), families) // families as expfmt parsed them
//
// # Who may call what
//
// Any goroutine may call both functions.
//
// # Memory model
//
// They keep no state, and change neither the workload nor the families.
package verdict
