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
	"weir/config"
)

// state keeps the series over restarts, when state.file is set. One goroutine at a time may call it, but for
// the counts.
type state struct {
	file     aggregate.StateFile
	interval time.Duration
	registry *aggregate.Registry
	log      zerolog.Logger

	warnings rate.Sometimes // of saves that fail

	saves, failures atomic.Uint64
	savedAt, size   atomic.Int64 // of the last save: seconds since the epoch, bytes
}

func newState(o config.State, registry *aggregate.Registry, log zerolog.Logger) *state {
	return &state{
		file: aggregate.StateFile{Path: o.File}, interval: o.Interval, registry: registry,
		log: log.With().Str("file", o.File).Logger(), warnings: rate.Sometimes{Interval: warnInterval},
	}
}

func (s *state) enabled() bool { return s.file.Path != "" }

// load brings back what the file has. A file that cannot be used costs its series, and a warning; one that
// cannot be read or written is an error.
func (s *state) load() error {
	if !s.enabled() {
		return nil
	}
	restored, err := s.file.Load(s.registry)
	switch {
	case errors.Is(err, aggregate.ErrState):
		s.log.Warn().Err(err).Msg("the series of the state file are lost: all start anew")
	case err != nil:
		return fmt.Errorf("load state.file: %w", err)
	case restored.Skipped > 0:
		s.log.Warn().Int("series", restored.Series).Int("skipped", restored.Skipped).
			Msg("restored; those skipped are beyond a limit in cardinality, or their name is taken")
	case restored.Series > 0:
		s.log.Info().Int("series", restored.Series).Msg("restored")
	}
	if err := s.save(); err != nil { // better now than at the first restart
		return fmt.Errorf("write state.file: %w", err)
	}
	return nil
}

// run saves once in an interval until ctx is done.
func (s *state) run(ctx context.Context) {
	if !s.enabled() {
		return
	}
	ticker := time.NewTicker(s.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.save(); err != nil {
				s.warnings.Do(func() {
					s.log.Error().Err(err).
						Msg("the state cannot be saved: a restart would lose what came since")
				})
			}
		}
	}
}

// last saves what there is after the last sample.
func (s *state) last() error {
	if !s.enabled() {
		return nil
	}
	if err := s.save(); err != nil {
		return fmt.Errorf("write state.file: %w", err)
	}
	s.log.Info().Int("series", s.registry.Stats().Series).Msg("saved")
	return nil
}

func (s *state) save() error {
	size, err := s.file.Save(s.registry)
	if err != nil {
		s.failures.Add(1)
		return err
	}
	s.size.Store(size)
	s.savedAt.Store(time.Now().Unix())
	s.saves.Add(1)
	return nil
}
