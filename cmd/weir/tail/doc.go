// Package tail prints the lines that come to a running weir: weir tail. It stands beside the straight line,
// and asks /api/v1/tail again and again.
//
// # Important names
//
// [Run] prints until it is told to end, [Options] say what.
//
// # Hostile text
//
// Senders choose the lines. Every character that a terminal would act on is written as an escape, in each
// format.
//
// # Who may call what
//
// Run is called once, by the command; it uses no state of the package.
//
// # Memory model
//
// Nothing is kept except the place of the last line.
package tail
