// Package formattest encodes whole expositions, without pages and HTTP, and reads expositions with parsers
// that weir did not write. It stands beside the straight line: only tests of the rooms of expose import it.
//
// # Who may call what
//
// Each function may be called from any goroutine, beside one that writes the registry.
//
// # Memory model
//
// Nothing is kept between calls.
//
// The most important names: [Exposition], [Record], [Parse], [Decode].
package formattest
