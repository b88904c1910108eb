//go:build !race

package main_test

import "time"

const (
	// raceDetector says that the tests, and so weir, are built with -race.
	raceDetector = false
	// stopLimit is how long weir may take to end after SIGTERM.
	stopLimit = 5 * time.Second
	// waitLimit is how long a test waits for anything else before it fails.
	waitLimit = 20 * time.Second
)
