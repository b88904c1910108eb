//go:build !linux

package listen

// holder returns nothing: only Linux tells which process has a socket.
func holder(_, _ string) (name string, isFree bool) { return "", false }
