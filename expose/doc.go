// Package expose serves the exposition over HTTP: the lines "page" and "response" of weir's straight line.
//
//	snapshot  aggregate.Registry.Snapshot  families in order; a series is merged when it is rendered
//	page      rendering, syntax            a family after the other, sorted by name, then weir's own
//	response  Server                       text, OpenMetrics or protobuf; streamed through fasthttp
//
// # Who may call what
//
// A [Server] may be used from any goroutine. Listen is called once, then Serve once, which blocks; Close
// ends it: it waits for responses under way, and cuts those that outlast its context.
//
//	server := expose.NewServer(options, registry, prometheus.DefaultGatherer, expose.Observers{}, log)
//	if err := server.Listen(); err != nil {
//		return err
//	}
//	defer server.Close(ctx)
//	server.SetReady(true)
//	return server.Serve()
//
// # Memory model
//
// A scrape owns its rendering: nothing is shared between scrapes but pools of blocks and gzip writers. It
// takes a snapshot of which series there are, and reads their values as it renders them, beside the loops
// that write. No body is ever held whole: a block of about 64 KiB is rendered, compressed, written, and
// used again; only what fits into one block is sent with its length. No lock is held while writing to a
// socket. fasthttp writes a body after the handler has returned, so a response is in flight until its
// exposition is closed, and a panic is met in two places: the handler and exposition.WriteTo.
package expose
