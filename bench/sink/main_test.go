package main

import (
	"bytes"
	"strings"
	"testing"
)

// What a sink does is tested where it is used, in bench/compare.
func TestBadCommandLine(t *testing.T) {
	for _, args := range [][]string{nil, {""}, {"0"}, {"65536"}, {"x"}, {"9125", "9126"}} {
		var stdout, stderr bytes.Buffer
		code := run(args, &stdout, &stderr)
		if code != 1 || stdout.Len() > 0 || !strings.Contains(stderr.String(), errUsage.Error()) {
			t.Errorf("run %q = %d, stdout %q, stderr %q, want 1 and the usage", args, code, &stdout, &stderr)
		}
	}
}
