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
	"weir/cmd/weir/self"
	"weir/config"
	"weir/expose"
)

// reload reads the configuration again, and puts those parts in force that can change while weir runs: rules,
// limits, timers, lifetimes, tokens, users, certificates and the level of the log. It is all or nothing: with
// one mistake anywhere, everything stays as it is. Series keep their values.
type reload struct {
	registry    *aggregate.Registry
	credentials func() error // reads tokens, keys, users and certificates again: all, or none
	log         zerolog.Logger
	level       *logLevel        // nil when the level cannot change
	hangups     <-chan os.Signal // of SIGHUP; nil in tests
	setDebug    func(isOn bool)  // logs samples and new series, or ends that

	// Written with mu held; read by scrapes of the self-metrics.

	successes, failures atomic.Uint64
	successful          atomic.Bool            // the last one; true before the first
	succeededAt         atomic.Int64           // seconds since the epoch; the start counts
	rules               atomic.Int64           // in force
	mistakes            atomic.Pointer[string] // of the last one; nil when it succeeded

	last atomic.Pointer[config.Config] // that was read without a mistake

	started *config.Config // at the start: keys that need a restart still have its values

	// mu guards the fields below. It is held while the configuration is read, so that reloads for two reasons
	// at once run one after the other.
	mu sync.Mutex

	load  func() (*config.Config, error)
	files fileSums // of the configuration in force; replaced, never changed
	notes []string // warnings about the configuration in force
}

// newReload returns the reload of a weir that starts with c. Until from is called, a reload is an error.
func newReload(
	c *config.Config, registry *aggregate.Registry, http *expose.Server, log zerolog.Logger,
) *reload {
	r := &reload{registry: registry, credentials: http.Reload, log: log, started: c}
	r.load = func() (*config.Config, error) { return nil, errors.New("no configuration to reload") }
	r.succeeded(c)
	return r
}

// counts returns what self-metrics show of r.
func (r *reload) counts() self.Reload {
	counts := self.Reload{
		Successes: r.successes.Load(), Failures: r.failures.Load(), Successful: r.successful.Load(),
		SucceededAt: r.succeededAt.Load(), Rules: r.rules.Load(),
	}
	if mistakes := r.mistakes.Load(); mistakes != nil {
		counts.Error = *mistakes
	}
	return counts
}

// from sets the function that reads the configuration.
func (r *reload) from(load func() (*config.Config, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.load = load
}

// now reloads, and logs why and how that went. The error has every mistake, one a line; then nothing has
// changed.
func (r *reload) now(why string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	log := r.log.With().Str("because", why).Logger()
	c, err := r.load()
	if err == nil {
		err = c.Locate(r.credentials())
	}
	if err != nil {
		r.failures.Add(1)
		r.mistakes.Store(new(err.Error()))
		r.successful.Store(false)
		log.Error().Err(err).Msg("the configuration was not reloaded: the one before stays in force")
		return err
	}
	r.apply(c)
	for _, note := range c.Notes() {
		if !slices.Contains(r.notes, note) { // not the same again at every reload
			log.Warn().Msg(note)
		}
	}
	for _, key := range r.started.NeedRestart(c) {
		log.Warn().Str("key", key).Msg("this key has changed, which needs a restart to take effect")
	}
	r.successes.Add(1)
	r.succeeded(c)
	log.Info().Int64("rules", r.rules.Load()).Msg("the configuration was reloaded")
	return nil
}

// apply puts c, which is valid, in force. It cannot fail, so it never leaves half of a configuration.
func (r *reload) apply(c *config.Config) {
	r.registry.SetOptions(c.Aggregate)
	if r.level != nil {
		r.level.set(c.Log.Level)
		r.setDebug(isDebug(c.Log.Level))
	}
}

// succeeded notes that c is in force. The caller holds r.mu, except newReload, whose r nobody else has yet.
func (r *reload) succeeded(c *config.Config) {
	r.rules.Store(int64(count(c.Aggregate.Rules)))
	r.files, r.notes = c.Files(), c.Notes()
	r.mistakes.Store(nil)
	r.last.Store(c)
	r.successful.Store(true)
	r.succeededAt.Store(time.Now().Unix())
}

// count returns how many rules the files have.
func count(files []*mapping.Rules) (rules int) {
	for _, file := range files {
		rules += file.Len()
	}
	return rules
}

// filesInForce returns the files of the configuration in force.
func (r *reload) filesInForce() fileSums {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files
}

// inForce returns the configuration in force. It waits for no reload that goes on.
func (r *reload) inForce() *config.Config { return r.started.InForce(r.last.Load()) }

// run reloads on SIGHUP and, with reload.watch, when the files change, until ctx is done. Errors are in the
// log.
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
			if watched.changed(r.filesInForce()) {
				_ = r.now("a file changed")
			}
		}
	}
}
