//go:build !linux

package many
