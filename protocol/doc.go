// Package protocol reads StatsD and DogStatsD lines: the lines "line" and "sample" of weir's straight line.
//
//	datagram  Decoder.Reset    bytes are borrowed, not copied
//	line      Decoder.Next     a view into the datagram
//	sample    Decoder.Sample   {Kind, Name, Tags, Text, Value, Rate}: views, no copy, no allocation
//
// The grammar is statsd.ebnf beside this file. [Sample], [Event] and [Check] are the contents of a line,
// [Error] and its [Reason] say why a line was not recorded, and [Dialects] with [SplitName] read tags in
// names.
//
// # Who may call what
//
// A [Decoder] belongs to one goroutine. All that it returns points into the bytes it was given and into
// itself: it is valid until the next call, and as long as those bytes do not change. A caller who keeps any
// of it copies it.
//
// # Memory model
//
// The package has no shared state: no clock, no log, no counter and no goroutine, and it imports the standard
// library only. A bad line is returned as a value, and the caller counts it. No input makes it panic or loop,
// and no line costs an allocation, except that text which only looks like a number, such as "1.2.3", costs
// the error of strconv.ParseFloat.
package protocol
