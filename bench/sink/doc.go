// Command sink is a null sink: it receives datagrams over UDP, counts them and does nothing else.
// bench/compare measures weir beside it, to separate the cost of weir itself from the cost of receiving.
//
//	go run ./bench/sink 9125
//
// Two sinks exist. This one, in Go, reads up to 64 datagrams with one recvmmsg in a loop that blocks in the
// kernel, on a thread of its own. It does not use the netpoller, as gnet and package net do. Go can do
// better: each time the loop waits, the runtime notes that the thread enters and leaves the kernel, and
// after a long wait it takes the processor away and gives it back. weir sleeps between its reads instead. It
// so wakes less often, and can be cheaper than a sink that wakes for every burst.
//
// c/sink.c is the same loop in C. weir's targets are stated against it.
//
// Both write "ready" when they listen on 127.0.0.1, and on each SIGUSR1 a line with the number of datagrams
// and of bytes that they have taken. SIGTERM ends them. They need Linux.
//
// # Who may call what
//
// Nothing here may be called from elsewhere.
//
// # Memory model
//
// The receiving loop is the only writer of the counts, which are atomics; the goroutine of the signal reads
// them.
package main
