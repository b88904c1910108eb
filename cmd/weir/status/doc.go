// Package status answers the questions of /api/v1 (package expose/status/wire) from the parts of weir that
// know: ingest and expose never import each other, and meet here. It stands beside the straight line and
// changes nothing on it.
//
// # Important names
//
// [Overview] is the state in figures and in words, [Listeners] where lines come in; [Lines] answers from what
// comes in: live lines, senders and rejects. [Scrapers], [Config], [Rules] and [Explain] each answer one
// question.
//
// # Who may call what
//
// Any goroutine may ask. Overview.Tick and Lines.Tick are called once a second by one goroutine.
//
// # Memory model
//
// An answer belongs to who asked. Histories are bounded, under a mutex of their own; nothing waits while it
// holds one.
package status
