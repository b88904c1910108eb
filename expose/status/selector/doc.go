// Package selector reads series selectors of Prometheus: what a reader of the status API asks for. It stands
// behind the line "snapshot" of weir's straight line.
//
//	text      web_hits{code=~"5..",zone!="a"}   Parse
//	name      web_hits                          Selector.MatchesName: a family is looked at, or not
//	labels    {code="500",zone="b"}             Selector.Matches: a series is shown, or not
//
// The grammar is that of a vector selector in PromQL, without ranges, offsets and @. Regular expressions are
// RE2 and match the whole value, in which "." is any character. A label that a series lacks has the value "".
//
// # Who may call what
//
// It is a leaf, which knows label sets only. A [Selector] may be used from any goroutine.
//
// # Memory model
//
// A Selector does not change after [Parse].
//
// The most important names: [Parse], [Selector].
package selector
