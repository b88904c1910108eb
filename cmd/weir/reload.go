package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/aggregate/mapping"
	"weir/config"
	"weir/expose"
)

// reload reads the configuration anew, and puts in force what of it can change while weir runs: rules,
// limits, timers, lifetimes, tokens, users, certificates and the level of the log. What is wrong with it
// changes nothing. Series keep their values.
type reload struct {
	registry    *aggregate.Registry
	credentials func() error // reads tokens, keys, users and certificates anew: all, or none
	log         zerolog.Logger
	level       *logLevel        // nil when the level cannot change
	hangups     <-chan os.Signal // nil when there are none

	successes, failures atomic.Uint64
	successful          atomic.Bool  // the last one; true before the first
	succeededAt         atomic.Int64 // seconds since the epoch; the start counts
	rules               atomic.Int64 // in force

	started *config.Config // what all keys are compared with that need a restart

	mu sync.Mutex // guards what is below, and is held while the configuration is read

	load  func() (*config.Config, error)
	files fileSums // that the configuration in force was read from; replaced, never changed
	notes []string // on it
}

// newReload returns a reload of a weir that starts with c. It has nothing to load from until from is called.
func newReload(
	c *config.Config, registry *aggregate.Registry, http *expose.Server, log zerolog.Logger,
) *reload {
	r := &reload{registry: registry, credentials: http.Reload, log: log, started: c}
	r.load = func() (*config.Config, error) { return nil, errors.New("there is nothing to reload from") }
	r.succeeded(c)
	return r
}

// from says what reads the configuration. It is called before the first reload.
func (r *reload) from(load func() (*config.Config, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.load = load
}

// now reloads, and returns every mistake, one on each line, when nothing has changed because of them.
func (r *reload) now(why string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	log := r.log.With().Str("because", why).Logger()
	c, err := r.load()
	if err == nil {
		err = r.credentials()
	}
	if err != nil {
		r.failures.Add(1)
		r.successful.Store(false)
		log.Error().Err(err).Msg("the configuration was not reloaded: everything stays as it was")
		return err
	}
	r.apply(c)
	for _, note := range c.Notes() {
		if !slices.Contains(r.notes, note) { // each is told once
			log.Warn().Msg(note)
		}
	}
	for _, key := range r.started.NeedRestart(c) {
		log.Warn().Str("key", key).Msg("a change of this key needs a restart")
	}
	r.successes.Add(1)
	r.succeeded(c)
	log.Info().Int64("rules", r.rules.Load()).Msg("the configuration was reloaded")
	return nil
}

// apply puts c in force. It cannot fail.
func (r *reload) apply(c *config.Config) {
	r.registry.SetOptions(c.Aggregate)
	if r.level != nil {
		r.level.set(c.Log.Level)
	}
}

// succeeded notes that c is in force. r.mu is held, but by newReload.
func (r *reload) succeeded(c *config.Config) {
	r.rules.Store(int64(count(c.Aggregate.Rules)))
	r.files, r.notes = c.Files(), c.Notes()
	r.successful.Store(true)
	r.succeededAt.Store(time.Now().Unix())
}

func count(files []*mapping.Rules) (rules int) {
	for _, file := range files {
		rules += file.Len()
	}
	return rules
}

// inForce returns the files that the configuration in force was read from.
func (r *reload) inForce() fileSums {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files
}

// run reloads at each SIGHUP, and when the files change if they are to be watched, until ctx is done. What is
// wrong is in the log.
func (r *reload) run(ctx context.Context) {
	var ticks <-chan time.Time
	if r.started.Reload.Watch {
		ticker := time.NewTicker(watchFilesInterval)
		defer ticker.Stop()
		ticks = ticker.C
	}
	var watched fileWatch
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.hangups:
			_ = r.now("SIGHUP")
		case <-ticks:
			if watched.changed(r.inForce()) {
				_ = r.now("a file changed")
			}
		}
	}
}
