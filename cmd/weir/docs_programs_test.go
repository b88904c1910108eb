package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"weir/bench/process"
)

// docsPrograms are what commands of pages need beside a shell, with what to install.
var docsPrograms = map[string]string{
	"nc": "netcat-openbsd", "curl": "curl", "openssl": "openssl", "promtool": "prometheus",
}

// interpreter runs the blocks of a language that is not the shell.
type interpreter struct {
	program string
	probe   []string // arguments with which it fails when the client of the page is missing
	run     string   // the argument before the text of a program
	install string
}

var interpreters = map[string]interpreter{
	"python": {"/usr/bin/python3", []string{"-c", "import statsd"}, "-c", "python3-statsd"},
	"ruby":   {"ruby", []string{"-e", `require "statsd"`}, "-e", "ruby-statsd"},
	"perl":   {"perl", []string{"-MNet::Statsd", "-e", "1"}, "-e", "libnet-statsd-perl"},
	"js":     {"node", []string{"-e", `require("hot-shots")`}, "-e", "nodejs, and run npm ci in cmd/weir/testdata/e2e"},
}

// program runs a block in the interpreter of its language, to its end.
func (d *docsRun) program(t *testing.T, b *codeBlock) error {
	t.Helper()
	language, known := interpreters[b.words[0]]
	if !known {
		return fmt.Errorf("%w: no interpreter for %s", errDocs, b.words[0])
	}
	modules, err := filepath.Abs("testdata/e2e/node_modules")
	if err != nil {
		return err
	}
	command := func(args ...string) ([]byte, error) {
		cmd := exec.Command(language.program, args...)
		cmd.Dir, cmd.Env = d.dir, append(slices.Clone(d.env), "NODE_PATH="+modules)
		return cmd.CombinedOutput()
	}
	if _, err := command(language.probe...); err != nil {
		process.Missing(t, "install "+language.install)
	}
	if written, err := command(language.run, d.ports.Replace(b.text)); err != nil {
		return fmt.Errorf("%w: %w\n%s", errDocs, err, written)
	}
	return nil
}

// needForDocs skips the rest of a page (WEIR_E2E=require: fails it) when a program is missing.
func needForDocs(t *testing.T, program, install string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		process.Missing(t, "install "+install)
	}
}
