// Package good says what it is.
//
// # Who may call what
//
// Anybody.
//
// # Memory model
//
// Nothing is kept.
package good
