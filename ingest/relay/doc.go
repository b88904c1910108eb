// Package relay copies lines to other StatsD servers. It branches off the line "sample" of weir's straight
// line: ingest hands each decoded line to a [Buffer], and nothing comes back.
//
//	line      Buffer.Line    copied into the pending packet    owner: one loop of ingest
//	packet    Buffer.Flush   one packet for all targets        nobody writes it any more
//	queue     target.offer   never blocks                      one queue per target
//	datagram  datagrams.run  one connected socket              owner: the sender of the target
//	stream    stream.run     one connection over TCP or TLS    owner: the sender of the target
//
// In a datagram every line ends with a newline, also the last, as statsd_exporter relays them: servers that
// want one at the end of each line read it, all others skip the blank rest.
//
// Lines that cannot be sent at once wait in the bounded queue of their target. A target whose queue is full
// loses lines, which are counted; neither the loop nor another target ever waits for it. Each line that a
// target was given is sent, dropped for one [DropReason], or waits.
//
// A stream that ends in the middle of a run of lines is reset. Lines that the system took whole count as
// sent; the line of which it took a part is written again on the next connection, and so are the lines behind
// it.
//
// # Who may call what
//
// A [Relay] may be used from any goroutine: [New], then [Relay.Start], and [Relay.Close] after every Buffer
// was flushed. A [Buffer], from [Relay.NewBuffer], belongs to one goroutine. [Relay.Stats] may be called at
// any time. [ValidTarget] checks a configured target; [WantTarget] describes valid targets. [Options], with
// [TLS], configure it all. [Nodes] says which of several servers a series belongs to; it is immutable.
//
// # Memory model
//
// A packet has one writer, its Buffer, until Flush publishes it through the channels of the targets; then all
// targets read it, and the last one returns it to a pool. Counts are atomics, padded from what loops read.
// A target has two goroutines: one resolves the name and opens connections, the other owns the connection and
// sends, so that a slow name service never delays sending. A third reads from a stream, to see its end. Close
// waits for all of them.
package relay
