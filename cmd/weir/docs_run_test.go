package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
	"weir/internal/poll"
)

// docsOutputLimit is how long a command may take to print what its page shows.
const docsOutputLimit = 10 * time.Second

// TestE2EDocs runs the documentation: everything that it tells readers to type, from the top of each page to
// its end, in a folder of its own. Words behind the language of a code block, which readers do not see, say how:
//
//	sh run      the commands run; the last one must succeed
//	sh fails    the same, but it must exit with 1
//	sh start    the last command is weir: it goes on running, in place of the one before it
//	sh norun    only the names in it are checked (TestDocsNames)
//	python run  runs in its interpreter; ruby, perl and js as well
//	yaml NAME   is written to the file NAME; weir check and promtool judge the files that they know
//	text output is what the run block before it prints; ... stands for any text. A command is repeated until
//	            it prints that, so a block that sends lines is not the one that looks for them. With -update,
//	            output without ... is written
//
// A yaml or sh block without such a word is a mistake. The ports 9125, 8125 and 9102 are replaced by free ones.
func TestE2EDocs(t *testing.T) {
	if os.Getenv("WEIR_E2E") == "skip" {
		t.Skip("WEIR_E2E=skip")
	}
	weir, err := exec.LookPath("weir") // this test binary: see TestMain
	if err != nil {
		t.Fatal(err)
	}
	taken := make(map[string]bool)
	for _, p := range readPages(t) {
		t.Run(strings.TrimSuffix(filepath.Base(p.path), ".md"), func(t *testing.T) {
			d := newDocsRun(t, &p, weir, taken) // one page after the other: no two pick one port
			t.Parallel()
			d.run(t)
		})
	}
}

// docsRun is one page that is being run.
type docsRun struct {
	page  *page
	dir   string
	ports *strings.Replacer // from the ports that the page shows to free ones
	back  *strings.Replacer
	env   []string

	weir *process.Process // nil when none runs
}

// docsPorts are the ports that pages show, each taken for UDP and for TCP.
var docsPorts = []string{"9125", "8125", "9102"}

func newDocsRun(t *testing.T, p *page, weir string, taken map[string]bool) *docsRun {
	t.Helper()
	d := &docsRun{page: p, dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(d.dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(weir, filepath.Join(d.dir, "bin", "weir")); err != nil {
		t.Fatal(err)
	}
	var there, back []string
	for _, shown := range docsPorts {
		free := freePort(t, taken)
		for _, in := range []string{"=", `"`, " "} { // an empty host would be every interface
			there = append(there, in+":"+shown, in+"127.0.0.1:"+free)
		}
		there = append(there, shown, free)
		back = append(back, free, shown)
	}
	d.ports, d.back = strings.NewReplacer(there...), strings.NewReplacer(back...)
	d.env = []string{
		"PATH=" + filepath.Join(d.dir, "bin") + ":" + os.Getenv("PATH"), "HOME=" + d.dir, "LC_ALL=C.UTF-8",
	}
	for name, value := range map[string]string{"INGEST__UDP": ":9125", "INGEST__TCP": ":9125", "ENDPOINT__LISTEN": ":9102"} {
		d.env = append(d.env, d.ports.Replace("WEIR__"+name+"="+value))
	}
	return d
}

// freePort returns a port of the loopback on which nothing listens, over UDP or TCP, and that is not taken by
// another page; then it is. Pages write their ports down, so weir cannot listen at port 0 and say which it
// got. A page uses them for a while, also when weir does not run, so they are none that the kernel gives to
// others meanwhile: Linux gives those from 32768 on.
func freePort(t *testing.T, taken map[string]bool) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(12_000 + rand.IntN(20_000))
		listener, err := net.Listen("tcp4", "127.0.0.1:"+port)
		if err != nil {
			continue
		}
		packets, err := net.ListenPacket("udp4", "127.0.0.1:"+port)
		_ = listener.Close()
		if err != nil {
			continue
		}
		_ = packets.Close()
		if !taken[port] {
			taken[port] = true
			return port
		}
	}
	t.Fatal("no port is free for UDP and for TCP")
	return ""
}

func (d *docsRun) run(t *testing.T) {
	t.Helper()
	defer func() { d.stop(t) }()
	for i := range d.page.blocks {
		b := &d.page.blocks[i]
		output := ""
		if i+1 < len(d.page.blocks) && d.page.blocks[i+1].word("output") {
			output = d.page.blocks[i+1].text
		}
		if err := d.block(t, b, output); err != nil {
			t.Errorf("%s:%d: %v", d.page.path, b.line, err)
			if d.weir != nil {
				t.Logf("weir's log:\n%s", d.weir.Log())
			}
			return // what follows builds on it
		}
	}
}

func (d *docsRun) block(t *testing.T, b *codeBlock, output string) error {
	t.Helper()
	if len(b.words) == 0 {
		return errors.New("the code block names no language")
	}
	switch language := b.words[0]; {
	case language == "yaml" && len(b.words) == 2:
		return d.file(b)
	case language == "sh" && b.word("norun"):
		return nil
	case language == "sh" && b.word("run"):
		return d.commands(t, b, output, 0)
	case language == "sh" && b.word("fails"):
		return d.commands(t, b, output, 1)
	case language == "sh" && b.word("start"):
		return d.start(t, b)
	case b.word("run"):
		return d.program(t, b)
	case language == "yaml" || language == "sh":
		return errors.New("the code block does not say what the test does with it: see TestE2EDocs")
	default:
		return nil
	}
}

// file writes a block to the file that it names, and lets the program that reads such files judge it.
func (d *docsRun) file(b *codeBlock) error {
	name := b.words[1]
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(d.ports.Replace(b.text)), 0o600); err != nil {
		return err
	}
	judge := ""
	switch {
	case strings.HasPrefix(name, "weir"):
		judge = "weir check --config " + name
	case strings.HasPrefix(name, "rules"):
		judge = "weir check --mapping.file " + name
	case strings.HasPrefix(name, "prometheus"):
		if _, err := exec.LookPath("promtool"); err == nil {
			judge = "promtool check config --syntax-only " + name
		}
	}
	if judge == "" {
		return nil
	}
	written, err := d.shell(judge).CombinedOutput()
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s: %w\n%s", errDocs, judge, err, written)
	case bytes.Contains(written, []byte("warning:")):
		return fmt.Errorf("%w: %s warns:\n%s", errDocs, judge, written)
	default:
		return nil
	}
}

// shell returns bash with a script, in the folder of the page.
func (d *docsRun) shell(script string) *exec.Cmd {
	cmd := exec.Command("bash", "-c", d.script(script))
	cmd.Dir, cmd.Env = d.dir, d.env
	return cmd
}

// script returns what bash gets for the text of a block. weir is built already.
func (d *docsRun) script(text string) string {
	return "set -euo pipefail; make() { [ \"$*\" = build ]; }\n" + d.ports.Replace(text)
}

// commands runs a block until it prints output, if there is any.
func (d *docsRun) commands(t *testing.T, b *codeBlock, output string, exitCode int) error {
	t.Helper()
	for program, install := range docsPrograms {
		if regexp.MustCompile(`\b` + program + ` `).MatchString(b.text) {
			needForDocs(t, program, install)
		}
	}
	want, printed := wildcards(output), ""
	try := func() error {
		cmd := d.shell(b.text)
		written, _ := cmd.CombinedOutput() // the exit code says more
		code, got := cmd.ProcessState.ExitCode(), d.back.Replace(string(written))
		printed = got
		switch {
		case code != exitCode:
			return fmt.Errorf("%w: exit code %d, want %d; it printed:\n%s", errDocs, code, exitCode, got)
		case !want.MatchString(got):
			return fmt.Errorf("%w: it printed:\n%s\nthe page says:\n%s", errDocs, got, output)
		default:
			return nil
		}
	}
	if output == "" { // a block may send lines: once
		return try()
	}
	ctx, cancel := context.WithTimeout(t.Context(), docsOutputLimit)
	defer cancel()
	err := poll.Until(ctx, try)
	if err != nil && *update && !strings.Contains(output, "...") {
		return d.show(output, printed)
	}
	return err
}

// show writes into the page what a command prints now.
func (d *docsRun) show(before, now string) error {
	path := filepath.Join(repo, d.page.path)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	const begin, end = "output\n", "```"
	return os.WriteFile(path, bytes.Replace(text, []byte(begin+before+end), []byte(begin+now+end), 1), 0o644)
}

var errDocs = errors.New("the page is wrong")

// wildcards returns what matches a text in which ... stands for any text; everything when it is empty.
func wildcards(text string) *regexp.Regexp {
	if text == "" {
		return regexp.MustCompile("")
	}
	return regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(text), `\.\.\.`, `.*?`) + `$`)
}

// ready finds the line in which weir says that it is ready, in every format of the log.
var ready = regexp.MustCompile(`(^|[ "=])ready("|:|$| )`)

// start runs a block whose last command is weir, in place of the weir before it, and waits until it is ready.
func (d *docsRun) start(t *testing.T, b *codeBlock) error {
	t.Helper()
	d.stop(t)
	lines := strings.Split(strings.TrimSpace(b.text), "\n")
	last := len(lines) - 1
	for last > 0 && strings.HasSuffix(lines[last-1], `\`) {
		last--
	}
	lines[last] = "exec " + lines[last]
	script := "cd " + d.dir + "\n" + d.script(strings.Join(lines, "\n"))
	weir := &process.Program{
		Path: "bash", Args: func(process.Addresses) ([]string, error) { return []string{"-c", script}, nil },
		Env:       d.env,
		Announced: func(line string) (process.Addresses, bool) { return process.Addresses{}, ready.MatchString(line) },
	}
	var err error
	d.weir, err = weir.Start(t.Context())
	return err
}

// stop ends the weir that runs, if there is one, as a service manager would.
func (d *docsRun) stop(t *testing.T) {
	t.Helper()
	if d.weir != nil {
		process.MustStop(t, d.weir)
	}
	d.weir = nil
}
