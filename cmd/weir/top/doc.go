// Package top shows the state of a running weir in a terminal: weir top. It stands beside the straight line,
// and asks /api/v1 as the page does.
//
// # Important names
//
// [Run] draws until it is told to end, [Once] prints one picture, [Options] say what both show. [Terminal] is
// where Run draws.
//
// # Hostile text
//
// Senders choose names, lines and programs. Every character that a terminal would act on is written as an
// escape.
//
// # Who may call what
//
// Run and Once are called once, by the command. Only Run's goroutine draws; others ask, and read keys.
//
// # Memory model
//
// A picture is made from the last answers, which are replaced, never changed.
package top
