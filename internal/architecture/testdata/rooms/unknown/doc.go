// Package unknown has none.
//
// # Who may call what
//
// Anybody.
//
// # Memory model
//
// Nothing is kept.
package unknown
