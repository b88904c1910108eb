// Package explain says what weir makes of a line: the work of weir explain. It stands beside the straight
// line and walks along it from "line" to "series", without sockets and scrapes:
//
//	line      protocol.Decoder          the samples in it, or why there are none
//	sample    Explainer.Lines           kind, name, tags and dialect, as they were sent
//	series    aggregate.Shard.Explain   the mapping rule, family, labels and ID, or why it is rejected
//
// The decoder, the rules and the limits are those of a running weir, and so is the code that applies them:
// every line is recorded in a registry of its own. So an explanation cannot disagree with weir, and does not
// know what else a running weir has seen. [Explainer.Among] asks a registry: so a running weir explains over
// its API. [Live] scrapes the family of a line from a running weir, and judges the line by the type and the
// series that are there: for a configuration that is to be tried there.
//
// An explanation is data: [Line] has a [Sample] for each value of the line. [Line.Print] writes it for
// people, [Line.WriteJSON] for programs. [Advice] explains a reason alone, [Detail] the wrong part of a line
// too, and [Foreign] names another protocol that a line looks like; the log and the documentation use them as
// well, so that every reason is explained in one place.
//
// # Who may call what
//
// cmd/weir and package maptest call it. An [Explainer] does not change after [New]; any goroutine may use it.
// Its answers share no memory with it.
//
// # Memory model
//
// An explanation is plain data, and belongs to who asked. A registry is made for each line, and forgotten.
package explain
