package dgram

import "strconv"

// Process is the process that sent a datagram, by its id. It implements net.Addr.
type Process int32

// Network returns "pid".
func (Process) Network() string { return "pid" }

// String returns the id, like "pid 4711".
func (p Process) String() string { return "pid " + strconv.Itoa(int(p)) }
