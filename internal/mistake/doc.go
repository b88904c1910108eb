// Package mistake holds the type of everything that can be wrong in a configuration. It stands beside the
// straight line. The Validate functions of all Options return mistakes, and package yamlfile makes them while
// it reads files, so that users see one kind of message, one line each, and all of them at once:
//
//	weir.yaml:7: cache.ttl: 5: want a duration with a unit, like 1s
//	WEIR__COMPRESSION__LEVEL: high: want a whole number
//	ingest.loops: -1: want 0 (one for each processor) to 256
//
// A [Mistake] has the path of a key, the bad value and what is allowed; its [Place] is the line of a file, a
// variable or a flag, where that is known. A Validate function collects mistakes in a [List] and returns
// [List.Err]. The caller takes the error apart with [All], adds the places by the paths, and joins the
// mistakes again with [Join].
//
// # Who may call what
//
// It is a leaf. A List belongs to one goroutine; every function may be called from any.
//
// # Memory model
//
// The package keeps no state. [Join] takes over the slice of mistakes that it is given.
package mistake
