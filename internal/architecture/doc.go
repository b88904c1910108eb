// Package architecture reads the Go files of a module and reports where they leave the agreed shape. A room
// is a folder with Go files.
//
// It stands beside the straight line from socket to response: no room of weir imports it. Its test runs the
// rules on weir itself, as a part of every `go test ./...`; the table of rooms at the top of
// architecture_test.go says which room may import which.
//
//	rule        holds
//	rooms       every room has a line in the table
//	imports     a room imports only the rooms that its line names
//	files       a room has few files
//	lines       a file has few lines
//	statements  a function has few statements
//	methods     the methods of a type stand together
//	tests       a room has enough lines of tests
//	doc         a room has a doc.go, which says who may call what, and its memory model
//	example     a room has an example that go test runs
//	equal       no two places hold the same lines, except for a reason
//
// [Load] reads a module, [Shape.Check] returns every [Breach] in it: what is wrong, where, and what to do.
//
// # Who may call what
//
// Any number of goroutines may check a [Module].
//
// # Memory model
//
// A Module does not change after Load.
package architecture
