// Package expose serves the exposition over HTTP: the lines "page" and "response" of weir's straight line.
//
//	snapshot  aggregate.Registry.Snapshot  families in order; a series is merged when it is rendered
//	page      renderer, syntax             families in order of their names, then weir's own
//	response  Server                       text, OpenMetrics or protobuf; streamed through fasthttp
//
// Before all of them stands one gate, which package guard keeps: a route is closed to those without valid
// credentials, when any are asked for, unless it is listed as open.
//
// # Who may call what
//
// A [Server] may be used from any goroutine. Listen is called once, then Serve once, which blocks; Reload
// reads tokens, keys and certificates again; Close ends it: it waits for responses under way, and cuts those
// that outlast its context.
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
// A rendition is one exposition as bytes. One goroutine renders it: it takes a snapshot of which series
// there are, and reads the values of each page, once, beside the loops that write. A page whose values are
// what they were keeps its bytes. Pieces of a rendition never change once they are published, so any number
// of responses read them, as they come, with a lock held only to look at the list. What there is no room to
// keep is not held at all: each response renders it for itself, page by page, in buffers that are used again.
// No lock is held while rendering, or while writing to a socket.
//
// Each page is compressed by itself and ends at a byte, so that old and new ones join to one gzip member; its
// CRC-32 is put together from theirs. fasthttp writes a body after the handler has returned, so a response is
// in flight until its exposition is closed, and a panic is met in three places: the handler, the goroutine
// that renders, and exposition.WriteTo.
//
// Lock order: variant.layoutMu, variant.mu, rendition.mu.
package expose
