// Package digits writes large numbers for people. It is beside weir's straight line: what prints for people
// uses it. Its only name is [Grouped].
//
// # Who may call what
//
// It is a leaf. Any goroutine may call Grouped.
//
// # Memory model
//
// Nothing is kept.
package digits
