//go:build !linux

package dgram

// spreadRandomly does nothing: a port has one socket.
func spreadRandomly(int, int) error { return nil }
