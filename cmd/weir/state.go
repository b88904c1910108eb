package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"weir/aggregate"
	statefile "weir/aggregate/state"
	"weir/cmd/weir/self"
	"weir/config"
)

// warnInterval is how often at most weir warns of saves that fail.
const warnInterval = time.Minute

// state saves the series to state.file and restores them at the next start; without state.file it does
// nothing. One goroutine at a time may call its methods. The counts may be read by any.
type state struct {
	file     string
	keeper   *statefile.Keeper
	interval time.Duration
	registry *aggregate.Registry
	log      zerolog.Logger

	warnings   rate.Sometimes // of saves that fail
	hadJournal bool           // as of the last save
	isWarned   bool           // there has been a warning that there is no journal
	began      time.Time      // the last save

	// Written by the goroutine that saves; read by scrapes of the self-metrics.

	saves, failures atomic.Uint64
	savedAt, size   atomic.Int64 // of the last save: seconds since the epoch, bytes
}

func newState(o config.State, registry *aggregate.Registry, log zerolog.Logger) *state {
	return &state{
		file: o.File, interval: o.Interval, registry: registry,
		keeper: statefile.New(
			statefile.Options{
				Path: o.File, JournalMaxBytes: int64(o.JournalMaxSize), Interval: o.Interval,
			}, registry),
		log: log.With().Str("file", o.File).Logger(), warnings: rate.Sometimes{Interval: warnInterval},
	}
}

func (s *state) enabled() bool { return s.file != "" }

// counts returns what self-metrics show of s; nil when there is no state file.
func (s *state) counts() func() self.State {
	if !s.enabled() {
		return nil
	}
	return func() self.State {
		return self.State{
			Saves: s.saves.Load(), Failures: s.failures.Load(),
			SavedAt: s.savedAt.Load(), Size: s.size.Load(), HasJournal: s.keeper.HasJournal(),
		}
	}
}

// load restores the series in the file. A damaged file is set aside with a warning, since a weir without its
// old series is better than no weir. A file that cannot be read, or written, is an error: no later save would
// work either, and nobody would know before the restart that needs it. So is a file that another weir uses. A
// disk that is full or read-only is a warning: weir runs, and tries again with each save.
func (s *state) load() error {
	if !s.enabled() {
		return nil
	}
	restored, err := s.keeper.Load()
	switch {
	case errors.Is(err, aggregate.ErrState):
		s.log.Warn().Err(err).Msg("cannot use the state file: all series start from zero")
	case err != nil:
		return fmt.Errorf("load state.file: %w", err)
	case restored.Reset > 0:
		s.log.Warn().Int("series", restored.Series).Int("reset", restored.Reset).
			Msg("restored; weir did not stop cleanly and has no journal that it can use: " +
				"counters, histograms and summaries begin at zero")
	case restored.Skipped > 0:
		s.log.Warn().Int("series", restored.Series).Int("skipped", restored.Skipped).
			Msg("restored; series beyond a cardinality limit, or whose name is taken, were skipped")
	case restored.Series > 0:
		s.log.Info().Int("series", restored.Series).Msg("restored")
	}
	err = s.save(s.keeper.Save)
	switch {
	case err == nil:
		return nil
	case !statefile.MayPass(err): // fail now, not at the first restart
		return fmt.Errorf("write state.file: %w", err)
	}
	log, message := s.log, "cannot save the state: until a save works, "+
		"counters, histograms and summaries begin at zero, now and after each restart"
	if aside, isReset := s.keeper.Abandon(); !isReset {
		log = log.With().Str("aside", aside).Logger()
		message = "cannot save the state, so the state file is put aside: until a save works, " +
			"all series begin at zero after a restart"
	}
	s.warnings.Do(func() { log.Error().Err(err).Msg(message) })
	return nil
}

// run saves once in an interval until ctx is done. The log says of saves that fail at most once in a
// warnInterval; weir_state_failures_total counts them.
func (s *state) run(ctx context.Context) {
	if !s.enabled() {
		return
	}
	ticker := time.NewTicker(s.interval)
	defer ticker.Stop()
	due := time.NewTimer(0) // when a save is asked for: see fullRest
	due.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.saveOrWarn()
		case <-s.registry.JournalFull():
			due.Reset(max(0, min(s.interval, fullRest)-time.Since(s.began)))
		case <-due.C:
			s.saveOrWarn()
		}
	}
}

// fullRest is how long a save that a full journal, or a deletion without one, asks for comes after the last
// one, at least: a save visits every series.
const fullRest = 5 * time.Second

func (s *state) saveOrWarn() {
	if err := s.save(s.keeper.Save); err != nil {
		s.warnings.Do(func() {
			s.log.Error().Err(err).
				Msg("cannot save the state: a restart now loses everything since the last save")
		})
	}
}

// last saves the state after the last sample.
func (s *state) last() error {
	if !s.enabled() {
		return nil
	}
	if err := s.save(s.keeper.SaveLast); err != nil {
		return fmt.Errorf("write state.file: %w", err)
	}
	s.log.Info().Int("series", s.registry.Stats().Series).Msg("saved")
	return nil
}

// save writes the file and counts how that went.
func (s *state) save(write func() (int64, error)) error {
	s.began = time.Now()
	size, err := write()
	s.warnOfJournal()
	if err != nil {
		s.failures.Add(1)
		return err
	}
	s.size.Store(size)
	s.savedAt.Store(time.Now().Unix())
	s.saves.Add(1)
	return nil
}

// warnOfJournal logs once that there is no journal, and again whenever there is none any more.
func (s *state) warnOfJournal() {
	hasJournal := s.keeper.HasJournal()
	if err := s.keeper.JournalError(); err != nil && !hasJournal && (s.hadJournal || !s.isWarned) {
		s.isWarned = true
		s.log.Warn().Err(err).
			Msg("cannot keep a journal: after a kill counters, histograms and summaries begin at zero")
	}
	s.hadJournal = hasJournal
}
