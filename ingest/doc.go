// Package ingest takes lines from sockets into shards: the lines "socket" and "datagram" of weir's straight
// line.
//
//	socket    kernel -> the loop's buffers   gnet wakes, recvmmsg drains    owner: one loop
//	datagram  udpLoop.OnTraffic              bytes are borrowed until it returns
//	line      protocol.Decoder               views into the datagram
//	series    aggregate.Shard.Record
//
// # Who may call what
//
// A [Server] may be used from any goroutine; Start is called once, Close any number of times. Everything
// below it has one owner: a loop is one gnet engine with one event loop, which is one goroutine, with one
// shard. Nothing on the way of a datagram is shared between loops.
//
// # Memory model
//
// A loop counts what it does in plain fields (a tally) and adds them to its published, atomic counters (a
// Ledger) once for each batch, so that a line costs no atomic operation beyond its cell. Only after the
// loop's goroutine has ended does Close take over its shard, to drain what the socket still holds.
//
// # The ledger
//
// Nothing is lost without being counted. Datagrams that reached the socket = kernel drops + received. Of
// each line received every sample is recorded, refused by a limit, or rejected for one reason. Ledger says
// what each count means.
package ingest
