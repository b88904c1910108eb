// Command load sends StatsD lines to a receiver on this machine at a steady rate, and reports exactly how
// much it sent. It is the sending end of weir's straight line, for measurements. The loop is open: a
// receiver that cannot keep up loses lines or makes the sender late, and the report shows both. Package
// sender sends, package workload makes the lines.
//
//	go run ./bench/load --target udp://127.0.0.1:9125 --rate 200000 --duration 10s --sockets 4
//	go run ./bench/load --rate 0 --duration 5s --lines 100 --mix counters --json
//
// It makes its datagrams before it sends the first one, with each series at least once if memory allows, and
// sends them again and again. The exit code is 0 when every line that was due was sent and somebody listened.
// Otherwise, and for a bad command line, it is 1.
//
// # Who may call what
//
// Nothing here may be called from elsewhere.
//
// # Memory model
//
// One goroutine does everything.
package main
