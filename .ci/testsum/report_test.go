package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func reportOf(t *testing.T, events ...string) string {
	t.Helper()
	var w strings.Builder
	r := newReport(&w)
	if err := r.read(strings.NewReader(strings.Join(events, "\n"))); err != nil {
		t.Fatal(err)
	}
	r.finish()
	return w.String()
}

func output(test, text string) string {
	return fmt.Sprintf(`{"Action":"output","Package":"x","Test":%q,"Output":%q}`, test, text)
}

func end(test, action string) string {
	return fmt.Sprintf(`{"Action":%q,"Package":"x","Test":%q}`, action, test)
}

func TestReport(t *testing.T) {
	f := func(want string, events ...string) {
		t.Helper()
		if diff := cmp.Diff(want, reportOf(t, events...)); diff != "" {
			t.Errorf("the report of %q (-want +got):\n%s", events, diff)
		}
	}
	f("\n0 passed, 0 failed, 0 skipped\n")
	f("ok  \tx\t0.1s\n\n1 passed, 0 failed, 0 skipped\n",
		end("TestA", "run"), output("TestA", "=== RUN   TestA\n"), output("TestA", "--- PASS: TestA (0.00s)\n"),
		end("TestA", "pass"), output("", "PASS\n"), output("", "ok  \tx\t0.1s\n"), end("", "pass"))
	f("    x_test.go:3: no\n--- FAIL: TestA (0.00s)\nFAIL\nFAIL\tx\t0.1s\n\n0 passed, 1 failed, 0 skipped\n",
		output("TestA", "=== RUN   TestA\n"), output("TestA", "    x_test.go:3: no\n"),
		output("TestA", "--- FAIL: TestA (0.00s)\n"), end("TestA", "fail"), output("", "FAIL\n"),
		output("", "FAIL\tx\t0.1s\n"), end("", "fail"))
	f("ok  \tx\t0.1s\n\nskipped:\n  TestA/b in x: x_test.go:3: install y\n\n1 passed, 0 failed, 1 skipped\n",
		output("TestA/b", "=== RUN   TestA/b\n"), output("TestA/b", "    x_test.go:3: install y\n"),
		output("TestA/b", "    --- SKIP: TestA/b (0.00s)\n"), end("TestA/b", "skip"), end("TestA", "pass"),
		output("", "ok  \tx\t0.1s\n"), end("", "pass"))
}

// A package that does not build, or that ends in the middle of a test, is a failure though no test failed.
func TestReportOfBrokenPackage(t *testing.T) {
	f := func(want string, events ...string) {
		t.Helper()
		if diff := cmp.Diff(want, reportOf(t, events...)); diff != "" {
			t.Errorf("the report of %q (-want +got):\n%s", events, diff)
		}
	}
	f("x.go:1: syntax error\nFAIL\tx [build failed]\n\n0 passed, 1 failed, 0 skipped\n",
		`{"ImportPath":"x","Action":"build-output","Output":"x.go:1: syntax error\n"}`,
		output("", "FAIL\tx [build failed]\n"), end("", "fail"))
	f("about to exit\nFAIL\tx\t0.1s\n\n0 passed, 1 failed, 0 skipped\n",
		output("TestA", "=== RUN   TestA\n"), output("TestA", "about to exit\n"), output("", "FAIL\tx\t0.1s\n"),
		end("", "fail"))
	f("go: cannot find main module\n\n0 passed, 0 failed, 0 skipped\n", "go: cannot find main module\n")
}
