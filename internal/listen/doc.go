// Package listen explains why weir cannot listen on an address, and what to do about that. It stands before
// the line "socket" of weir's straight line: ingest uses it for the sockets that take lines, expose for the
// endpoint that is scraped.
//
// The one exported name is [Error]. It opens no socket and holds no state: values may be used from any
// goroutine as long as nobody changes them.
package listen
