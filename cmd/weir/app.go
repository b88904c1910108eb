package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"weir/aggregate"
	"weir/config"
	"weir/expose"
	"weir/ingest"
)

const (
	// tickInterval is how often the coarse clock moves.
	tickInterval = time.Second

	// sweepRest keeps the sweeps of expired series below one percent of a processor.
	sweepRest = 100

	// stopLimit bounds each step of a stop: draining the sockets, and the last responses.
	stopLimit = 3 * time.Second
)

// App is weir: every part, wired. It is the only place that knows them all.
type App struct {
	config   *config.Config
	log      zerolog.Logger
	registry *aggregate.Registry
	ingest   *ingest.Server
	expose   *expose.Server
	self     *selfMetrics
	losses   *lossLog
	state    *state
	reload   *reload
}

// NewApp builds every part without opening anything. The configuration must be valid.
func NewApp(c *config.Config, log zerolog.Logger) (*App, error) {
	self, err := newSelfMetrics(c)
	if err != nil {
		return nil, err
	}
	names, err := self.names()
	if err != nil {
		return nil, err
	}
	c.Ingest.LogEvents = c.Log.Events
	a := &App{config: c, log: log, self: self}
	a.registry = aggregate.New(c.Aggregate, names...)
	a.ingest = ingest.NewServer(c.Ingest, a.registry, log)
	a.expose = expose.NewServer(c.Expose, a.registry, self.registry, self.observers(), log)
	a.losses = newLossLog(a.registry, a.ingest, log)
	a.state = newState(c.State, a.registry, log)
	a.reload = newReload(c, a.registry, a.expose, log)
	self.sources.Store(&sources{a.registry, a.ingest, a.expose, a.state, a.reload})
	return a, nil
}

// Run restores the state, opens the sockets, serves until ctx is done, and stops: it takes what the sockets
// hold, saves the state, stays scrapable for endpoint.linger and closes everything. It returns nil after a
// clean stop, or what could not be started or failed. POST /-/quit ends ctx, too, when it is open.
func (a *App) Run(ctx context.Context) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	a.expose.SetLifecycle(expose.Lifecycle{
		Reload: func() error { return a.reload.now("POST /-/reload") }, Quit: quit,
	})
	if err := a.expose.Listen(); err != nil {
		return err
	}
	if err := a.open(); err != nil {
		_ = a.expose.Close(context.Background()) // it serves nothing yet; the first error tells
		return err
	}
	clocks, stopClocks := context.WithCancel(context.Background())
	defer stopClocks()
	saving, stopSaving := context.WithCancel(context.Background())
	defer stopSaving()
	parts, serving := errgroup.WithContext(ctx)
	parts.Go(a.expose.Serve) // ends when stop closes it
	goUntil(clocks, parts, a.tick)
	goUntil(clocks, parts, a.sweep) // time goes on while weir lingers
	goUntil(clocks, parts, a.reload.run)
	var saves errgroup.Group
	goUntil(saving, &saves, a.state.run)
	a.expose.SetReady(true)
	a.logReady()
	<-serving.Done()
	err := a.stop(ctx, func() error {
		stopSaving()
		_ = saves.Wait() // it has no error
		return a.state.last()
	})
	stopClocks()
	if partErr := parts.Wait(); partErr != nil {
		err = fmt.Errorf("serve: %w", partErr)
	}
	a.losses.last()
	if err == nil {
		a.log.Info().Msg("stopped")
	}
	return err
}

// open restores the state and begins to take lines.
func (a *App) open() error {
	if err := a.state.load(); err != nil {
		return err
	}
	return a.ingest.Start()
}

// goUntil runs f in group until ctx is done.
func goUntil(ctx context.Context, group *errgroup.Group, f func(context.Context)) {
	group.Go(func() error {
		f(ctx)
		return nil
	})
}

func (a *App) logReady() {
	event := a.log.Info().Str("http", a.expose.Addr().String()+a.config.Expose.Endpoint.Path)
	for _, address := range a.ingest.UDP() {
		event = event.Str("udp", address.String())
	}
	for _, address := range a.ingest.TCP() {
		event = event.Str("tcp", address.String())
	}
	if path := a.config.Ingest.Unixgram; path != "" {
		event = event.Str("unixgram", path)
	}
	if path := a.config.Ingest.Unix; path != "" {
		event = event.Str("unix", path)
	}
	event.Msg("ready")
}

// tick moves the clock, and warns about what is being lost, until ctx is done.
func (a *App) tick(ctx context.Context) {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			a.registry.Tick(now)
			a.losses.tick()
		}
	}
}

// sweep lets idle series expire until ctx is done. It looks at every series, so it rests for a hundred times
// as long as it took.
func (a *App) sweep(ctx context.Context) {
	timer := time.NewTimer(tickInterval)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case began := <-timer.C:
			a.registry.Sweep()
			timer.Reset(max(tickInterval, sweepRest*time.Since(began)))
		}
	}
}

// stop closes the parts in the order of the data, so that what was sent before the signal is in the state,
// which save writes, and in the last scrape.
func (a *App) stop(ctx context.Context, save func() error) error {
	a.log.Info().Msg("stopping: taking what the sockets hold")
	a.expose.SetReady(false)
	err := errors.Join(closeWithin(a.ingest.Close), save())
	if linger := a.config.Expose.Endpoint.Linger; linger > 0 && ctx.Err() != nil {
		a.log.Info().Stringer("linger", linger).Msg("staying scrapable; a second signal stops at once")
		<-time.After(linger)
	}
	return errors.Join(err, closeWithin(a.expose.Close))
}

func closeWithin(closePart func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	return closePart(ctx)
}
