// Package expose serves the exposition over HTTP: the line "response" of weir's straight line.
//
//	snapshot  aggregate.Registry.Snapshot  families in order
//	page      package page                 rendered and compressed when a value in it changed
//	          package format               text, OpenMetrics or protobuf
//	response  Server                       streamed through fasthttp
//
// Before all routes stands one gate, which package guard keeps: a route is closed to requests without valid
// credentials, when any are asked for, unless it is listed as open.
//
// Before the gate stands a table of connections. It has room for every new client: when there are too many
// connections, it closes one that nobody needs.
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
// Handlers run in fasthttp's goroutines, one for each connection. They share counters (atomics), the gate,
// the rate limit and the page cache, each of which may be used from any goroutine; options do not change.
// fasthttp writes a body after the handler has returned, so a scrape is in flight until its body is closed,
// and a panic is met in three places: the handler, the goroutine that renders, and body.WriteTo.
//
// The most important names: [Server], [NewServer], [Options], [DefaultOptions], [Observers], [Lifecycle],
// [Stats].
package expose
