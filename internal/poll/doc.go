// Package poll waits for what nothing announces: it tries again and again until a try succeeds or a deadline
// passes. Tests use it instead of sleeping; bench/process uses it to see when a program is ready.
//
// The package is beside weir's straight line, not on it: nothing that weir runs imports it. Its most
// important names are [Until] and, for tests, [Within]. Neither keeps state, so both may be called from any
// goroutine.
package poll
