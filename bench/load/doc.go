// Command load sends StatsD lines to a receiver on this machine at a steady rate, and says exactly what it
// sent. It is the sending end of weir's straight line, for measurements: the loop is open, so a receiver
// that cannot keep up loses lines or makes the sender late, and neither is hidden. Package sender is the
// machine, package workload makes the lines.
//
//	go run ./bench/load --target udp://127.0.0.1:9125 --rate 200000 --duration 10s --sockets 4
//	go run ./bench/load --rate 0 --duration 5s --lines 100 --mix counters --json
//
// It makes its datagrams before it sends the first, at least each series once if memory allows, and sends
// them round and round. The exit code is 0 when everything due was sent and somebody listened; 1 when not,
// or for a bad command line.
package main
