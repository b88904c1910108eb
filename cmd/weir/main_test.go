package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"weir/bench/process"
	"weir/config"
)

// TestMain makes the test binary the command weir too, for scripts and for exec.Command("weir").
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"weir": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireUniqueNames: true})
}

func TestRunExitCodes(t *testing.T) {
	f := func(want int, args ...string) {
		t.Helper()
		if got := run(args, io.Discard, io.Discard); got != want {
			t.Errorf("run(%q) = %d, want %d", args, got, want)
		}
	}
	f(0, "--help")
	f(0, "-h")
	f(0, "help")
	f(0, "help", "check")
	f(0, "check", "--help")
	f(0, "version")
	f(0, "--version")
	f(0, "check")
	f(0, "completion", "bash")
	f(0, "completion", "zsh")
	f(0, "completion", "fish")
	f(0, "completion", "powershell")
	f(1, "completion")
	f(1, "completion", "csh")
	f(1, "help", "nonsense")
	f(1, "nonsense")
	f(1, "check", "weir.yaml")
	f(1, "version", "now")
	f(1, "--nonsense")
	f(1, "-x")
	f(1, "--config")
	f(1, "--=x")
	f(1, "--cache.ttl")
	f(1, "--cache.ttl=5")
	f(1, "check", "--cache.ttl=5")
	f(1, "check", "--config=missing.yaml")
	f(1, "--config=missing.yaml")
}

// TestHelpLineLength holds that the help fits a terminal: 110 columns, as the source.
func TestHelpLineLength(t *testing.T) {
	var out bytes.Buffer
	run([]string{"--help"}, &out, io.Discard)
	for line := range strings.Lines(out.String()) {
		if len(line) > 111 {
			t.Errorf("line of %d characters: %s", len(line), line)
		}
	}
}

func TestNewLogger(t *testing.T) {
	f := func(c config.Log, want string) {
		t.Helper()
		var out bytes.Buffer
		log, _ := newLogger(c, &out)
		log.Info().Msg("quiet")
		log.Warn().Msg("loud")
		if got := out.String(); !strings.Contains(got, want) || strings.Contains(got, "quiet") {
			t.Errorf("newLogger(%+v) wrote %q, want %q in it, and no info", c, got, want)
		}
	}
	f(config.Log{Level: "warn", Format: config.FormatJSON}, `"level":"warn"`)
	f(config.Log{Level: "warn", Format: config.FormatConsole}, "WRN loud\n")
	f(config.Log{Level: "warn", Format: config.FormatLogfmt}, " level=warn msg=\"loud\"\n")
}

// Senders choose names: whatever the format, nothing in them acts on a terminal that shows the log.
func TestLogIsPrintable(t *testing.T) {
	for _, format := range []string{config.FormatJSON, config.FormatConsole, config.FormatLogfmt} {
		var out bytes.Buffer
		log, _ := newLogger(config.Log{Level: "info", Format: format}, &out)
		log.Info().Str("name", "é \u009b31m \u202e \x1b \x7f \x9b").Msg("one")
		log.Info().Msg("two")
		if text := out.String(); strings.ContainsAny(text, "\u009b\u202e\x1b\x7f") || !utf8.ValidString(text) ||
			!strings.Contains(text, "é") || strings.Count(text, "\n") != 2 {
			t.Errorf("%s: the log has %+q", format, text)
		}
		if format == config.FormatJSON && !json.Valid(bytes.Split(out.Bytes(), []byte("\n"))[0]) {
			t.Errorf("no JSON: %s", out.String())
		}
	}
}

// startWeir starts weir on free ports and returns when it is ready.
func startWeir(t *testing.T, flags ...string) *process.Process {
	t.Helper()
	return process.Start(t, process.Weir("weir", flags...))
}

// awaitLog waits for a line of the log with text in it, behind the one that the last call found.
func awaitLog(t *testing.T, p *process.Process, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := p.AwaitLog(ctx, text); err != nil {
		t.Fatalf("%v\n%s", err, p.Log())
	}
}

func TestSignalStops(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			p := startWeir(t)
			sendSignal(t, p, signal)
			if err := p.Wait(); err != nil {
				t.Errorf("after %v: %v, want exit code 0", signal, err)
			}
		})
	}
}

func TestSecondSignalKills(t *testing.T) {
	p := startWeir(t, "--endpoint.linger=10m")
	sendSignal(t, p, syscall.SIGTERM)
	awaitLog(t, p, "linger")
	sendSignal(t, p, syscall.SIGTERM)
	err := p.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("after a second SIGTERM: %v, want it killed by it", err)
	}
}

func sendSignal(t *testing.T, p *process.Process, signal syscall.Signal) {
	t.Helper()
	if err := p.Signal(signal); err != nil {
		t.Fatal(err)
	}
}
