// Package known has a row in the table.
//
// # Who may call what
//
// Anybody.
//
// # Memory model
//
// Nothing is kept.
package known
