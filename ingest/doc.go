// Package ingest takes lines from sockets into shards: the lines "socket" and "datagram" of weir's straight
// line.
//
//	socket    kernel -> the loop's buffers   gnet wakes, dgram.Batch drains    owner: one loop
//	datagram  udpLoop.OnTraffic              bytes are borrowed until it returns
//	line      protocol.Decoder               views into the datagram
//	series    aggregate.Shard.RecordBatch
//
// Sockets are read by transports: UDP, TCP, unix datagrams ("unixgram") and unix streams ("unix"). A
// transport is one file with one implementation of the interface transport, and one row of the table
// transports. It has loops: each is one goroutine (of one gnet engine with one event loop; of unixgram a
// plain one) with one intake and one shard. Nothing on the way of a datagram is shared between loops.
//
// The rooms below are leaves: relay copies lines to other servers, dgram knows the system calls, tap shows
// lines and senders to somebody who looks.
//
// # Important names
//
// [NewServer] makes a [Server] from [Options]; Start, Close, Stats, Listeners, Rejects and Tap are its
// methods. [Stats] holds the [TransportStats] of every transport by name, each with a [Ledger], the counts of
// its sockets and of its connections ([ConnectionStats]). A [Reject] is a line that was not recorded.
//
// # Who may call what
//
// A [Server] may be used from any goroutine; Start is called once, Close any number of times. Everything
// below the Server has one owner: the goroutine of its loop.
//
// # Memory model
//
// A loop counts in plain fields (a tally) and adds them to its published, atomic counters once for each
// batch, so that a line costs no atomic operation beyond its cell. Only after the goroutine of a loop has
// ended does Close take over its shard, to drain the datagrams that the socket still holds.
//
// # The ledger
//
// Nothing is lost without being counted. Datagrams that reached the socket = kernel drops + received. Every
// sample of a received line is recorded, refused by a limit, dropped by a rule, or rejected for one reason.
// [Ledger] says what each count means.
package ingest
