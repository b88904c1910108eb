// Package workload generates StatsD lines as applications send them, and adds up exactly what a scrape must
// show after them: the line "line" of weir's straight line, seen from the sender.
//
//	spec       Spec                      seed, series, tags, mix, dialect
//	line       Generator.AppendLine      "web.http.requests:1|c|#endpoint:/cart,status:200"
//	datagram   Generator.AppendDatagram  lines joined by newlines
//	meaning    Generator.Sent            what the lines add up to, as a scrape should show it
//
// Equal specs give equal lines, on every machine. The first Spec.Series lines have each series once. Every
// further run of as many lines has each series once too, in another random order. A name has one kind.
//
// # Exactness
//
// The expected numbers can be compared with a scrape one by one. All values are multiples of 1/4 and all
// rates are 1/2, 1/4 or 1/10, so a sum below 2^51 has the same bits in whatever order weir adds it up. Sums
// of timers are the exception: they are sent in whole milliseconds and exposed in seconds. Compare them with
// a relative tolerance of 1e-9, as package verdict does.
//
// A gauge shows the last line to arrive: it can be compared when the lines went through one socket, in
// order. A set can be compared within sets.window of its first line.
//
// # Who may call what
//
// A [Generator] belongs to one goroutine.
//
// # Memory model
//
// A Generator has all its memory after New, and allocates only to make its destination grow. A line costs
// about 0.1 microseconds, and more when the series do not fit the caches of the processor. Generators share
// nothing.
//
//	g := workload.New(workload.Spec{Seed: 1, Series: 1000, Tags: 3})
//	datagram := g.AppendDatagram(nil, 10, 1432)
//	send(datagram)
//	want := g.Expected()["web_http_requests"]
package workload
