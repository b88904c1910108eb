// Package expose serves the exposition over HTTP: the lines "page" and "response" of weir's straight line.
//
//	snapshot  aggregate.Registry.Snapshot  families in order; a series is merged when it is rendered
//	page      rendering                    blocks of text, a family after the other, sorted by name
//	response  Server                       text 0.0.4, gzip when asked for; streamed through fasthttp
//
// # Who may call what
//
// A [Server] may be used from any goroutine. Listen is called once, then Serve once, which blocks; Close
// ends it.
//
// # Memory model
//
// A scrape owns its rendering: nothing is shared between scrapes but pools of blocks and gzip writers. It
// takes a snapshot of which series there are, and reads their values as it renders them, beside the loops
// that write. No body is ever held whole: a block of about 64 KiB is rendered, compressed, written, and
// used again. No lock is held while writing to a socket.
package expose
