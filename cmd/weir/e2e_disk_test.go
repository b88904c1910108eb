package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"weir/bench/process"
)

func (e e2e) testStateDisk(t *testing.T) {
	t.Run("too small for a journal", func(t *testing.T) { e.testNoJournal(t, mount(t, "tmpfs", "size=1m")) })
	t.Run("no allocation", func(t *testing.T) { e.testNoJournal(t, mount(t, "ramfs", "rw")) })
	t.Run("short journal", e.testShortJournal)
	t.Run("full", e.testFullDisk)
	t.Run("read-only", e.testReadOnlyDisk)
}

// mount mounts a file system on a directory of its own, until the end of the test.
func mount(t *testing.T, kind, options string) (dir string) {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only root mounts file systems, and here only on Linux")
	}
	dir = t.TempDir()
	if output, err := exec.Command("mount", "-t", kind, "-o", options, kind, dir).CombinedOutput(); err != nil {
		t.Skipf("this process may not mount a file system: %s", output) // as in most containers
	}
	t.Cleanup(func() {
		if output, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", output)
		}
	})
	return dir
}

// onDisk are the flags of a weir that keeps its state in a directory.
func onDisk(dir, interval string) []string {
	return []string{"--state.file=" + filepath.Join(dir, "state"), "--state.interval=" + interval}
}

// wantSaved waits until weir has saved its state so often.
func (w *weir) wantSaved(t *testing.T, saves float64) {
	t.Helper()
	eventually(t, func() error {
		if got := w.scrape(t).values["weir_state_saves_total"]; got < saves {
			return fmt.Errorf("%v saves, want %v", got, saves)
		}
		return nil
	})
}

// wantLog holds that weir has logged texts.
func (w *weir) wantLog(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(w.Log(), text) {
			t.Errorf("no %q in the log:\n%s", text, w.Log())
		}
	}
}

// Where no journal can be kept, weir says so, and what accumulates begins at zero after a kill.
func (e e2e) testNoJournal(t *testing.T, dir string) {
	t.Helper()
	w := e.startMortal(t, onDisk(dir, "100ms")...)
	w.wantLog(t, `"level":"warn"`, "cannot keep a journal")
	w.take(t, "tcp", "old:5|c\nlevel:7|g\n")
	w.wantSaved(t, w.scrape(t).values["weir_state_saves_total"]+2)
	if err := w.scrape(t).compare(map[string]float64{"old": 5, "weir_state_journal_active": 0}); err != nil {
		t.Error(err)
	}
	w.Kill()
	w = w.restart(t)
	w.wantLog(t, "counters, histograms and summaries begin at zero")
	if err := w.scrape(t).compare(map[string]float64{"old": 0, "level": 7}); err != nil {
		t.Error(err)
	}
	process.MustStop(t, w.Process)
}

// A journal that somebody cuts short kills nobody: weir has no journal until the next save, and a kill before
// it resets.
func (e e2e) testShortJournal(t *testing.T) {
	dir := t.TempDir()
	w := e.startMortal(t, onDisk(dir, "24h")...)
	w.take(t, "tcp", "old:5|c\n")
	journals, err := filepath.Glob(filepath.Join(dir, "state.journal-*"))
	if err != nil || len(journals) != 1 {
		t.Fatalf("journals: %q, %v", journals, err)
	}
	if err := os.Truncate(journals[0], 0); err != nil {
		t.Fatal(err)
	}
	w.take(t, "tcp", "old:1|c\n")
	if err := w.scrape(t).compare(map[string]float64{"old": 6, "weir_state_journal_active": 0}); err != nil {
		t.Error(err)
	}
	w.Kill()
	w = w.restart(t)
	if value, found := w.scrape(t).values["old"]; found { // the state file is of before the first line
		t.Errorf("old = %v is back", value)
	}
	process.MustStop(t, w.Process)
}

// On a full disk weir starts with what it had, and says that it cannot save. A kill then begins at zero, and once there is
// room, all is as ever.
func (e e2e) testFullDisk(t *testing.T) {
	dir := mount(t, "tmpfs", "size=4m")
	w := e.startMortal(t, onDisk(dir, "100ms")...)
	w.take(t, "tcp", "old:5|c\n")
	process.MustStop(t, w.Process)
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 8<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}

	w = w.restart(t)
	w.wantLog(t, `"level":"error"`, "no space left on device", "cannot save the state", "state.bad")
	w.take(t, "tcp", "old:1|c\n")
	p := w.scrape(t)
	if err := p.compare(map[string]float64{"old": 6, "weir_state_journal_active": 0}); err != nil {
		t.Error(err)
	}
	if p.values["weir_state_failures_total"] < 1 {
		t.Error("no failure is counted")
	}
	w.Kill()

	w = w.restart(t)
	if value, found := w.scrape(t).values["old"]; found {
		t.Errorf("old = %v is back: it was shown as 6", value)
	}
	w.take(t, "tcp", "old:2|c\n")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.wantSaved(t, 1)
	if err := w.scrape(t).compare(map[string]float64{"old": 2, "weir_state_journal_active": 1}); err != nil {
		t.Error(err)
	}
	w.Kill()
	w = w.restart(t)
	if err := w.scrape(t).compare(map[string]float64{"old": 2}); err != nil {
		t.Error(err)
	}
	process.MustStop(t, w.Process)
}

// On a read-only disk weir starts, with gauges as they were and the rest from zero, since it could not keep that. Once the
// disk can be written to, it does.
func (e e2e) testReadOnlyDisk(t *testing.T) {
	dir := mount(t, "tmpfs", "size=4m")
	w := e.startMortal(t, onDisk(dir, "100ms")...)
	w.take(t, "tcp", "old:5|c\nlevel:7|g\n")
	process.MustStop(t, w.Process)
	runProgram(t, nil, "mount", "-o", "remount,ro", dir)
	for range 2 {
		w = w.restart(t)
		w.wantLog(t, `"level":"error"`, "read-only file system", "begin at zero, now and after each restart")
		if err := w.scrape(t).compare(map[string]float64{
			"old": 0, "level": 7, "weir_state_journal_active": 0, "weir_state_saves_total": 0,
		}); err != nil {
			t.Error(err)
		}
		w.take(t, "tcp", "old:3|c\n")
		w.Kill()
	}
	w = w.restart(t)
	w.take(t, "tcp", "old:3|c\n")
	eventually(t, func() error {
		if failures := w.scrape(t).sum("weir_state_failures_total"); failures < 4 {
			return fmt.Errorf("%v saves have failed, want some", failures)
		}
		return nil
	})
	if n := strings.Count(w.Log(), "cannot keep a journal"); n != 1 {
		t.Errorf("%d warnings that there is no journal, want one for all saves", n)
	}
	runProgram(t, nil, "mount", "-o", "remount,rw", dir)
	w.wantSaved(t, 1)
	if err := w.scrape(t).compare(map[string]float64{"old": 3, "weir_state_journal_active": 1}); err != nil {
		t.Error(err)
	}
	w.Kill()
	w = w.restart(t)
	if err := w.scrape(t).compare(map[string]float64{"old": 3, "level": 7}); err != nil {
		t.Error(err)
	}
	process.MustStop(t, w.Process)
}
