package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/config"
	"weir/protocol"
)

// saving is a state with a registry and a log of its own.
type saving struct {
	*state

	path string
	log  bytes.Buffer
}

func newSaving(path string) *saving {
	s := &saving{path: path}
	s.state = newState(config.State{File: path, Interval: time.Second}, aggregate.New(aggregate.DefaultOptions()), zerolog.New(&s.log))
	return s
}

func (s *saving) count(name string) {
	s.registry.NewShard().Record(&protocol.Sample{Name: []byte(name), Kind: protocol.KindCounter, Value: 1, Rate: 1})
}

// wantLog compares how often the log has each text.
func (s *saving) wantLog(t *testing.T, want map[string]int) {
	t.Helper()
	for text, n := range want {
		if got := strings.Count(s.log.String(), text); got != n {
			t.Errorf("%q is in the log %d times, want %d:\n%s", text, got, n, &s.log)
		}
	}
}

func TestStateIsRestored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	first := newSaving(path)
	mustDo(t, first.load())
	first.count("a")
	first.count("b")
	mustDo(t, first.last())
	first.wantLog(t, map[string]int{`"series":2,"message":"saved"`: 1, "restored": 0})
	if first.saves.Load() != 2 || first.failures.Load() != 0 || first.size.Load() == 0 || first.savedAt.Load() == 0 {
		t.Errorf("%d saves, %d failures, %d bytes", first.saves.Load(), first.failures.Load(), first.size.Load())
	}

	second := newSaving(path)
	mustDo(t, second.load())
	second.wantLog(t, map[string]int{`"series":2,"message":"restored"`: 1})
}

// Without state.file nothing is restored, saved or counted.
func TestStateIsOff(t *testing.T) {
	s := newSaving("")
	s.count("a")
	s.run(t.Context())
	mustDo(t, s.load(), s.last())
	if s.saves.Load() != 0 || s.log.Len() > 0 {
		t.Errorf("%d saves; log: %s", s.saves.Load(), &s.log)
	}
}

// A damaged file costs its series, not the start, and is kept for whoever wants to look at it.
func TestStateOfDamagedFile(t *testing.T) {
	s := newSaving(filepath.Join(t.TempDir(), "state"))
	mustDo(t, os.WriteFile(s.path, []byte("no state"), 0o600))
	mustDo(t, s.load())
	s.wantLog(t, map[string]int{"all series start from zero": 1, s.path + ".bad": 1})
}

// A folder that is missing, or not a folder, is an error at the start: no save would ever work.
func TestStateThatCannotBeSaved(t *testing.T) {
	for _, s := range []*saving{newSaving(filepath.Join(t.TempDir(), "missing", "state")), newSaving("/dev/null/state")} {
		if err := s.load(); err == nil || !strings.Contains(err.Error(), "state.file") {
			t.Errorf("%s: load = %v, want an error that names state.file", s.path, err)
		}
	}
}

// Every save that fails is counted; the log has one in a minute.
func TestStateWarnsOnceAMinute(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	mustDo(t, os.Mkdir(dir, 0o700))
	synctest.Test(t, func(t *testing.T) {
		s := newSaving(filepath.Join(dir, "state"))
		mustDo(t, s.load(), os.RemoveAll(dir))
		runFor := func(d time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d+time.Millisecond)
			defer cancel()
			s.run(ctx)
		}
		const warning = "cannot save the state"
		runFor(59 * time.Second)
		s.wantLog(t, map[string]int{warning: 1})
		runFor(2 * time.Minute)
		s.wantLog(t, map[string]int{warning: 3})
		if got := s.failures.Load(); got != 179 {
			t.Errorf("%d failures, want 179: one a second", got)
		}
	})
}
