// Package protocol reads StatsD and DogStatsD lines: the lines "line" and "sample" of weir's straight line.
//
//	datagram  Decoder.Reset    bytes are borrowed, not copied
//	line      Decoder.Next     a view into the datagram
//	sample    Decoder.Sample   {Kind, Name, Tags, Text, Value, Rate}: views, no copy, no allocation
//
// The grammar is statsd.ebnf beside this file.
//
// # Who may call what
//
// A [Decoder] belongs to one goroutine. What it returns points into the bytes it was given and into itself:
// it is valid until the next call, and as long as those bytes do not change. Whoever keeps any of it copies
// it.
//
// The package imports the standard library only. It has no clock, no log, no counter and no goroutine: what
// is wrong with a line is told to the caller, who counts it. No input makes it panic or loop, and no line
// costs an allocation (but a value that looks like a number and is none, like "1.2.3", costs the error of
// strconv.ParseFloat).
package protocol
