// Package delivery brings requests to a receiver: the end of the line "remote" beside weir's straight line.
// It knows nothing of series: a [Block] is bytes that were encoded once, and how many samples they have.
//
//	block    Target.Put   never waits for the receiver
//	queue    in memory    bounded in bytes; the oldest move on
//	spool    on disk      a file for each block; bounded in bytes; outlives the process
//	attempt  client       one at a time, in order, the same bytes each time
//	verdict  Target.Stats accepted, refused, again, or lost
//
// Receivers refuse a whole request for one sample that is older than what they have (Prometheus,
// storage/remote/write_handler.go), so blocks are sent in order, one at a time, and a block is sent again as
// it is. Nothing is sent again for ever: a block that is too old is dropped, and one that alone gets answers
// 500 is given up when the block behind it is accepted.
//
// # Who may call what
//
// Any goroutine may call the methods of a [Target]. Open and Start come first, once each; Close comes last.
// One goroutine calls Put.
//
// # Memory model
//
// A block does not change after Put. One mutex guards the queue and the counts; nothing is sent and no file
// is written while it is held, so [Target.Stats] never waits for a receiver or a disk. One goroutine sends.
// Files are written by the goroutine that calls Put, and by Close. A block that is being sent is neither
// moved nor dropped.
//
// The most important names: [Target], [New], [Options], [Block], [Stats].
package delivery
