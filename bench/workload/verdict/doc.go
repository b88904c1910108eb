// Package verdict compares an exposition with the workload that was sent, number by number: the lines "sent"
// and "scraped" at the two ends of weir's straight line.
//
//	differences := verdict.Compare(generator.Expected(), families) // families as expfmt parsed them
//
// Both functions keep no state and may be called from anywhere.
package verdict
