//go:build race

package many
