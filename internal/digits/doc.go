// Package digits writes large numbers for people. It is beside weir's straight line: what prints for people
// uses it. Its only name is [Grouped], which keeps no state, so any goroutine may call it.
package digits
