//go:build race

package main_test

// raceDetector says that the tests were built with -race.
const raceDetector = true
