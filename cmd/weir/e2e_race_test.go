//go:build race

package main_test

import "time"

const (
	// raceDetector says that the tests, and so weir, are built with -race.
	raceDetector = true
	// stopLimit is how long weir may take to end after SIGTERM.
	stopLimit = 15 * time.Second
	// waitLimit is how long a test waits for anything else before it fails.
	waitLimit = 60 * time.Second
)
