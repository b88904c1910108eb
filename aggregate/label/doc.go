// Package label has label sets and the hash that identifies a series: part of the line "series" of weir's
// straight line.
//
//	tag      protocol                    views into the datagram
//	label    Sanitizer.AddTag            sanitised, legal for Prometheus
//	Labels   Sanitizer.Render, Of        one canonical text for a label set
//	ID       IDOf, Labels.ID             xxhash of the label set, name included
//
// [Labels] is one string: the label set as an exposition writes it between braces. This text is canonical
// (sorted by name, names unique, values escaped and not empty), so that comparing, hashing and rendering need
// no second form and a series costs no second copy. Only this package reads or writes that text. Others
// iterate: [Labels.All] gives names and values, [Labels.Escaped] gives them as they are written.
//
// [ID] identifies a series across processes and machines, byte for byte as labels.StableHash of Prometheus
// does. It has no secret: anybody can make label sets with equal IDs. So whoever finds a series by its ID
// compares the label sets too, and the raw keys in front of the registry have a seeded hash.
//
// # Who may call what
//
// It is a leaf: it imports no other package of weir. All functions are pure, so any goroutine may use them. A
// [Builder] belongs to one goroutine.
//
// # Memory model
//
// [Labels] and [ID] are immutable and may be shared. Labels that come from a Builder share no memory with the
// datagram.
package label
