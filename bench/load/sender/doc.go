// Package sender sends datagrams at a steady rate and counts exactly how much it sent: the far end of the
// line "socket" of weir's straight line.
//
//	ring      Ring   datagrams made before the first is sent, so that making them costs the rate nothing
//	schedule         when each line is due, by the monotonic clock
//	socket           sendmmsg on Linux, write elsewhere; a stream gets a newline after each datagram
//	report    Report datagrams, lines, samples and bytes sent, and how late
//
// The loop is open: a line is due at its time whether or not the receiver keeps up. A sender that falls
// behind sends the due lines as fast as it can, and the report says how far behind it was. Over UDP "sent"
// means that the kernel took the datagram; only the receiver knows its losses. Over TCP and unix sockets a
// receiver that does not read delays the sender, which shows as lag and unsent lines.
//
// Only this machine is a target: a load generator that reaches further is a weapon.
//
// # Who may call what
//
// [Run] may be called from any goroutine, at once with others.
//
// # Memory model
//
// Run does everything on the goroutine of its caller. Calls of Run may share a [Ring], which must not be
// changed while they run.
//
//	var ring sender.Ring
//	g := workload.New(workload.Spec{Seed: 1, Series: 1000, Tags: 3})
//	for ring.Lines() < 100_000 {
//		ring.Generate(g, 10, 1432)
//	}
//	report, err := sender.Run(ctx, sender.Options{
//		Target: "udp://127.0.0.1:9125", LinesPerSecond: 50_000, Duration: 10 * time.Second,
//	}, &ring)
package sender
