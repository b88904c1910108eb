// Package poll waits for what nothing announces: it tries again and again until a try succeeds or a deadline
// passes. Tests use it instead of sleeping; bench/process uses it to see when a program is ready.
//
// The package is beside weir's straight line, not on it: nothing that weir runs imports it. Its most
// important names are [Until] and, for tests, [Within].
//
// # Who may call what
//
// Any goroutine may call both. They return when the wait is over.
//
// # Memory model
//
// Nothing is kept. The tries run on the goroutine of the caller.
package poll
