package process

import (
	"os"
	"testing"
)

// Missing skips the test for want of something, and says what to do. With WEIR_E2E=require, as in CI, it
// fails the test instead.
func Missing(tb testing.TB, toDo string) {
	tb.Helper()
	if os.Getenv("WEIR_E2E") == "require" {
		tb.Fatal(toDo + ": WEIR_E2E=require")
	}
	tb.Skip(toDo)
}
