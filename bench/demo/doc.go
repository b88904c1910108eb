// Command demo shows that weir loses nothing. It starts weir, sends it a seeded stream of lines over UDP,
// some of them malformed, scrapes it, and compares the scrape with the stream, number by number. It walks
// the whole straight line once.
//
//	make demo
//	go run ./bench/demo --weir bin/weir --rate 50000 --duration 3s
//
// It prints the families, the ledger (what was sent beside what weir received, rejected and recorded, as
// weir reports it), and a verdict: "OK: sent = recorded" with exit code 0, or the differences with exit code
// 1. weir runs on free ports of the loopback and has ended when the demo ends.
//
// The parts: demo is one run, stream is what is sent, ledger and package verdict compare it with the scrape,
// print shows the result. Package bench/process starts, scrapes and stops weir.
//
// # Who may call what
//
// Nothing here may be called from elsewhere.
//
// # Memory model
//
// One goroutine does everything.
package main
