package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"weir/bench/process"
)

// testWeb tries the page in Chromium: of a server that answers as weir does, with data of all kinds, and of weir.
func (e e2e) testWeb(t *testing.T) {
	need(t, "make", "make")
	chromium := need(t, "chromium", "chromium")
	root := filepath.Join("..", "..")
	web := filepath.Join(root, "expose", "status", "web")
	if _, err := os.Stat(filepath.Join(web, "node_modules", "playwright-core")); err != nil {
		process.Missing(t, "install nodejs (20 or newer) and npm, and run npm ci in expose/status/web")
	}
	target := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-C", root, "web-e2e", "WEIR="+e.bin)
	target.Env = append(os.Environ(), "CHROMIUM="+chromium)
	if output, err := target.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", target, err, output)
	}
}
