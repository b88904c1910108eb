//go:build !linux

package few
