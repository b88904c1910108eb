// Command clients sends a fixed list of samples with a StatsD client for Go that weir did not write:
//
//	clients CLIENT HOST PORT NETWORK
//	clients                           prints the names of the clients
//
// CLIENT:close closes the client right after the last sample, as a program does that ends; CLIENT alone goes
// on for a moment before, as a service does. NETWORK is udp, tcp, unixgram or unix; for a unix socket, HOST
// is its path and PORT is empty. It exits with 0 when the client reported no error.
//
// The end-to-end tests of cmd/weir run it and compare what the client was told to send, what a recorder
// beside weir has seen of it, and what weir exposes. It stands before the line "socket" of weir's straight
// line. It is a module of its own so that the clients stay out of weir's go.mod.
//
// # Who may call what
//
// Nothing here may be called from elsewhere.
//
// # Memory model
//
// One goroutine sends. Each client may have goroutines of its own; it is closed before the program ends.
package main
