// Package api asks a running weir, over its /api/v1, for commands such as weir tail and weir top. It stands
// beside the straight line: it is a client like any other.
//
// # Important names
//
// [Client] asks, [Options] say whom, [Get] and [Post] return an answer of package expose/status/wire. An
// error says what to do: it has the text of the server, or explains why there is no answer.
//
// # Who may call what
//
// Any goroutine may use a Client.
//
// # Memory model
//
// Answers belong to who asked. The body of an answer is bounded.
package api
