//go:build !linux

package spread

func (U[A, B]) b() {}
