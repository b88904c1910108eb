// Package listen finds the addresses to listen on, and explains why weir cannot listen on one and what to do.
// It stands before the line "socket" of weir's straight line: ingest uses it for the sockets that take lines,
// expose for the endpoint that is scraped.
//
// The important names are [Addresses], which resolves configured addresses and takes free ports, and [Error],
// the one error for an address or path that cannot be listened on.
//
// # Who may call what
//
// It is a leaf. Any goroutine may call its functions, which may wait for a name service.
//
// # Memory model
//
// The package holds no state and starts no goroutine. An [Error] may be shared as long as nobody changes it.
package listen
