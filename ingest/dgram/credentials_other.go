//go:build !linux

package dgram

// passCredentials does nothing: only Linux says which process sent a datagram.
func passCredentials(int) error { return nil }

// PeerProcess returns 0: the process that opened a connection is not known.
func PeerProcess(int) int32 { return 0 }
