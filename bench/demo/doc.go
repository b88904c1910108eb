// Command demo shows that weir loses nothing: it starts weir, sends it a seeded stream of lines over UDP,
// some of them malformed, scrapes it, and compares the scrape with what was sent, number by number. It walks
// the whole straight line once.
//
//	make demo
//	go run ./bench/demo --weir bin/weir --rate 50000 --duration 3s
//
// It prints the families, the ledger (what was sent beside what weir says it received, rejected and
// recorded), and a verdict: "OK: sent = recorded" with exit code 0, or what differs with exit code 1. weir
// runs on free ports of the loopback and is stopped in every case.
//
// The parts: process starts and stops weir, stream is what is sent, scrape is what comes back, ledger and
// package verdict compare the two.
package main
