// Package short says what it is, and who may call what, but has no section about it.
//
// # Memory model
//
// Nothing is kept.
package short
