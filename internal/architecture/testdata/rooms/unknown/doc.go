// Package unknown has none.
package unknown
