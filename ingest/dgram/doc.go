// Package dgram reads datagrams from sockets the way the kernel does it best: the line "socket" of weir's
// straight line, for UDP and unix datagrams.
//
//	socket  kernel -> Batch    one recvmmsg takes up to BatchSize datagrams    owner: one loop of ingest
//
// The loops of ingest decide when to read; this package knows the system calls, and hides what only Linux has
// behind pairs of files (_linux, _other). It imports nothing but the standard library and x/sys.
//
// # Important names
//
// A [Batch] receives; [Batch.Datagram] borrows the bytes of one datagram and [Batch.Peer] tells who sent
// it ([PeerProcess] for a connection). A [Socket] is the kernel's side: its receive buffer and
// [SocketStats]. A [Coalescer] says how long a loop may sleep between two drains. [SpreadRandomly] spreads
// datagrams over the sockets of one port. [OpenUnixgram], [ClearPath], [SetMode], [ParseMode] and
// [IsAbstract] handle the paths of unix sockets; a [File] tells whether a path still leads to its socket.
//
// # Who may call what
//
// A Batch and a Coalescer belong to one goroutine, that of their loop. A Socket is read by its loop; any
// goroutine may call its Stats, also while Replace or Close closes its descriptor.
//
// # Memory model
//
// The bytes of a datagram are valid until the next Receive. A mutex guards the descriptor of a Socket, an
// atomic counts its errors.
package dgram
