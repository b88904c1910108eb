// Package rival holds tests in which other programs' code judges weir: Prometheus's own parser reads every
// exposition that weir can be made to produce. It is a module of its own so that what it imports stays out of
// weir's go.mod.
//
//	go -C bench/rival test ./...
package rival
