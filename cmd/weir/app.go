package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"weir/aggregate"
	"weir/cmd/weir/losses"
	"weir/cmd/weir/self"
	"weir/cmd/weir/status"
	"weir/config"
	"weir/expose"
	"weir/ingest"
)

const (
	// tickInterval is how often the registry's clock moves. A second is the resolution of series.ttl and of
	// windows; the hit path reads this clock and never the system's.
	tickInterval = time.Second

	// sweepRest is how long a sweep of expired series rests, as a multiple of how long it took: sweeps take
	// less than one percent of a processor, however many series there are.
	sweepRest = 100

	// stopLimit bounds each step of a stop: draining the sockets, and ending the responses. Both together
	// leave time for the last save within the 10 s after which docker stop kills.
	stopLimit = 3 * time.Second
)

// App is weir: every part, wired. Its fields do not change after NewApp.
type App struct {
	config   *config.Config
	log      zerolog.Logger
	registry *aggregate.Registry
	ingest   *ingest.Server
	expose   *expose.Server
	self     *self.Metrics
	losses   *losses.Log
	state    *state
	reload   *reload
	overview *status.Overview
	lines    *status.Lines
}

// NewApp builds every part without opening anything. The configuration must be valid. The names of the
// self-metrics are needed first: the registry refuses samples that would take them.
func NewApp(c *config.Config, log zerolog.Logger) (*App, error) {
	metrics, err := self.New(c, readBuild().self())
	if err != nil {
		return nil, err
	}
	names, err := metrics.Names()
	if err != nil {
		return nil, err
	}
	c.Ingest.LogEvents = c.Log.Events
	a := &App{config: c, log: log, self: metrics}
	a.registry = aggregate.New(c.Aggregate, names...)
	a.ingest = ingest.NewServer(c.Ingest, a.registry, log)
	a.expose = expose.NewServer(c.Expose, a.registry, metrics.Gatherer(), metrics.Observers(), log)
	a.losses = losses.New(a.registry, a.ingest, log)
	a.state = newState(c.State, a.registry, log)
	a.reload = newReload(c, a.registry, a.expose, log)
	a.reload.setDebug = a.setDebug
	a.setDebug(isDebug(c.Log.Level))
	setStatus(a, names)
	metrics.SetSources(self.Sources{
		Registry: a.registry, Ingest: a.ingest, Expose: a.expose,
		State: a.state.counts(), Reload: a.reload.counts,
		StatusBytes: func() int { return a.overview.Bytes() + a.lines.Bytes() },
	})
	return a, nil
}

// setDebug logs samples and new series, or ends that.
func (a *App) setDebug(isOn bool) {
	a.ingest.LogSamples(isOn)
	if isOn {
		a.registry.OnCreate(logCreations(a.log))
	} else {
		a.registry.OnCreate(nil)
	}
}

// Run restores the state, opens the sockets, and serves until ctx is done or POST /-/quit is called. Then it
// drains the sockets, saves the state, stays scrapable for endpoint.linger, and closes everything. It returns
// nil after a clean stop, otherwise the error of the part that could not start, stop or go on.
func (a *App) Run(ctx context.Context) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	a.expose.SetLifecycle(expose.Lifecycle{
		Reload: func() error { return a.reload.now("POST /-/reload") }, Quit: quit,
	})
	if err := a.open(); err != nil {
		_ = a.expose.Close(context.Background()) // nothing is served yet; the first error says more
		return err
	}
	clocks, stopClocks := context.WithCancel(context.Background())
	defer stopClocks()
	saving, stopSaving := context.WithCancel(context.Background())
	defer stopSaving()
	parts, serving := errgroup.WithContext(ctx)
	parts.Go(a.expose.Serve)       // ends when stop closes it
	goUntil(clocks, parts, a.tick) // clocks outlives ctx: series expire while weir drains and lingers
	goUntil(clocks, parts, a.sweep)
	goUntil(clocks, parts, a.reload.run)
	var saves errgroup.Group
	goUntil(saving, &saves, a.state.run)
	a.expose.SetReady(true)
	a.logReady()
	<-serving.Done()
	err := a.stop(ctx, func() error {
		stopSaving()
		_ = saves.Wait() // goUntil returns no error; no save may run beside the last
		return a.state.last()
	})
	stopClocks()
	if partErr := parts.Wait(); partErr != nil {
		err = fmt.Errorf("serve: %w", partErr)
	}
	a.losses.Last()
	if err == nil {
		a.log.Info().Msg("stopped")
	}
	return err
}

// open looks at all ports before it touches the state: with a port in use, weir does not start. It restores
// the state before it begins to read lines, so that lines add to what was restored.
func (a *App) open() error {
	if err := errors.Join(a.config.Locate(a.expose.Listen()), a.ingest.Probe()); err != nil {
		return err
	}
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

// tick moves the clock and warns about losses, once a second until ctx is done.
func (a *App) tick(ctx context.Context) {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			a.registry.Tick(now)
			a.losses.Tick()
			a.overview.Tick(now)
			a.lines.Tick(now)
		}
	}
}

// sweep lets idle series expire until ctx is done. A sweep visits every series, so its cost grows with them;
// see sweepRest.
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

// stop closes the parts in the order of the data, so that lines sent before the signal are in the state (save
// writes it) and in the last scrape. A client that does not take its response in time is no error: nothing is
// lost, and it sees that the response is not whole.
func (a *App) stop(ctx context.Context, save func() error) error {
	a.log.Info().Msg("shutting down: draining the sockets")
	a.expose.SetReady(false)
	err := errors.Join(closeWithin(a.ingest.Close), save())
	if linger := a.config.Expose.Endpoint.Linger; linger > 0 && ctx.Err() != nil {
		a.log.Info().Stringer("linger", linger).
			Msg("staying scrapable for endpoint.linger; a second signal kills at once")
		<-time.After(linger)
	}
	if cut := closeWithin(a.expose.Close); cut != nil {
		a.log.Warn().Err(cut).
			Msg("shutting down: clients that were still reading got a part of their response")
	}
	return err
}

// closeWithin closes a part, and gives up waiting for it after stopLimit.
func closeWithin(closePart func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	return closePart(ctx)
}
