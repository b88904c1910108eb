package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"weir/bench/process"
)

// e2e are the end-to-end tests: weir as users build it, in a process of its own, between real senders and real
// scrapers on the loopback.
//
// WEIR_E2E=skip skips them all; WEIR_E2E=require fails, where a program that a test needs is missing, instead of
// skipping the test.
type e2e struct {
	bin string // weir
}

func TestE2E(t *testing.T) {
	if os.Getenv("WEIR_E2E") == "skip" {
		t.Skip("WEIR_E2E=skip")
	}
	e := e2e{bin: buildWeir(t)}
	t.Run("clients", e.testClients)
	t.Run("scrapers", e.testScrapers)
	t.Run("protected", e.testProtected)
	t.Run("siege", e.testSiege)
	t.Run("native histograms", e.testNativeHistograms)
	t.Run("exemplars", e.testExemplars)
	t.Run("prometheus 3", e.testPrometheus3)
	t.Run("promtool", e.testPromtool)
	t.Run("hostile", e.testHostile)
	t.Run("web", e.testWeb)
	t.Run("load", e.testLoad)
	t.Run("memory", e.testMemory)
	t.Run("log", e.testLog)
	t.Run("stop", e.testStop)
	t.Run("start", e.testStart)
	t.Run("sockets", e.testSockets)
	t.Run("restart", e.testRestart)
	t.Run("series", e.testSeries)
	t.Run("self", e.testSelf)
	t.Run("state", e.testState)
	t.Run("status", e.testStatus)
	t.Run("lines", e.testLines)
	t.Run("explore", e.testExplore)
}

// buildWeir builds weir as make build does, or with the race detector when the test has it.
func buildWeir(t *testing.T) string {
	t.Helper()
	if raceDetector {
		return process.BuildWeir(t, "-race")
	}
	t.Setenv("CGO_ENABLED", "0")
	return process.BuildWeir(t, "-trimpath")
}

// need returns the path of a program, or skips the test (WEIR_E2E=require: fails it) with what to install.
func need(t *testing.T, program, install string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		process.Missing(t, "install "+install)
	}
	return path
}

// runProgram runs a program to its end and returns what it wrote; it must exit with 0.
func runProgram(t *testing.T, stdin []byte, name string, args ...string) string {
	t.Helper()
	program := exec.CommandContext(t.Context(), name, args...)
	program.Stdin = bytes.NewReader(stdin)
	output, err := program.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", program, err, output)
	}
	return string(output)
}
