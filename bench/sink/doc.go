// Command sink is a null sink: it receives datagrams over UDP, counts them and does nothing else. It is what
// bench/compare measures weir beside, to tell what weir itself costs from what receiving costs at all.
//
//	go run ./bench/sink 9125
//
// There are two. This one, in Go, reads up to 64 datagrams with one recvmmsg in a loop that blocks in the
// kernel, on a thread of its own: not the netpoller, as gnet and package net use it. It is not the least
// that Go can do: each time it waits, the runtime takes note of the thread that enters the kernel and leaves
// it, and when it waited long, takes its processor away and gives it back. weir sleeps between its reads
// instead, so that it wakes less often, and can come out cheaper than a sink that wakes for every burst.
//
// c/sink.c is the same loop in C, and what weir's targets are stated against.
//
// Both write "ready" when they listen on 127.0.0.1, and on each SIGUSR1 a line with how many datagrams and
// bytes they have taken. SIGTERM ends them. They need Linux.
package main
