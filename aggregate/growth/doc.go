// Package growth counts new series and new label values. It stands beside the line "series" of weir's
// straight line, where a series is created.
//
//	series  Shard.Record -> miss -> created  Rate.Add     how many series of a family are new in a minute
//	                                         Labels.Note  which values a label takes, the newest first
//
// A label whose values never end (a user, a request, a path) fills the limits of weir. [Labels] shows it
// while it grows: how many values of a label are new in a minute, and what the newest values look like. It
// takes a bounded amount of memory, however many labels there are and however long their values are.
//
// # Who may call what
//
// It is pure data. All methods may be called from any goroutine. They are for the slow path: a series is
// noted when it is created, never when a sample finds its series.
//
// # Memory model
//
// A [Rate] is one word. [Labels] has a mutex, which is a leaf: nothing calls out while it is held.
//
// The most important names: [Rate], [Labels], [Label].
package growth
