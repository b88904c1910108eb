// Package point has what the encoders of remote write and OTLP share: part of the line "remote" beside weir's
// straight line.
//
//	values   aggregate.Values  what series had when they were read
//	sample   Point             when, and which of its values, a series is written
//
// # Who may call what
//
// [Point] and [What] are values, and the functions are pure: any goroutine may use them.
//
// # Memory model
//
// Nothing is kept.
//
// The most important names: [Point], [What], [SamplesOf], [UnitOf].
package point
