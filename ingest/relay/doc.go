// Package relay copies lines to other StatsD servers. It branches off the line "sample" of weir's straight
// line: ingest hands each decoded line to a [Buffer], and nothing comes back.
//
//	line      Buffer.Line    copied into the pending packet    owner: one loop of ingest
//	packet    Buffer.Flush   one packet for all targets        nobody writes it any more
//	queue     target.offer   never blocks                      one queue per target
//	datagram  target.send    one connected socket              owner: the goroutine of the target
//
// In a datagram every line ends with a newline, also the last, as statsd_exporter relays them: servers that
// want one at the end of each line read it, all others skip the blank rest.
//
// Lines that cannot be sent at once wait in the bounded queue of their target. A target whose queue is full
// loses lines, which are counted; neither the loop nor another target ever waits for it.
//
// # Who may call what
//
// A [Relay] may be used from any goroutine: [New], then [Relay.Start], and [Relay.Close] after every Buffer
// was flushed. A [Buffer], from [Relay.NewBuffer], belongs to one goroutine. [Relay.Stats] may be called at
// any time. [ValidTarget] checks a configured target; [WantTarget] describes valid targets.
//
// # Memory model
//
// A packet has one writer, its Buffer, until Flush publishes it through the channels of the targets; then all
// targets read it, and the last one returns it to a pool. Counts are atomics, padded from what loops read.
// A target has two goroutines: one resolves the name and opens sockets, the other owns the socket and sends,
// so that a slow name service never delays sending. Close waits for both.
package relay
