package main

import (
	"time"

	dto "github.com/prometheus/client_model/go"

	"weir/cmd/weir/self"
	"weir/cmd/weir/status"
	api "weir/expose/status"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
)

// mostLabels is among how many labels the one to blame for a limit is looked for.
const mostLabels = 100

// setStatus wires the parts of a that answer /api/v1. Reserved are the names that no sample may take.
func setStatus(a *App, reserved []string) {
	b := readBuild()
	build := wire.BuildInfo{
		Version: b.version, Revision: b.revision, BuildDate: b.time, GoVersion: b.goVersion,
	}
	endpoint := &a.config.Expose.Endpoint
	a.lines = status.NewLines(a.ingest)
	explorer := explore.New(explore.Source{
		Registry: a.registry, Self: gatherer(a.self), Rates: a.lines.Rates,
		HasCreated: a.config.Expose.OpenMetrics.Created,
		Deleted: func(q wire.DeleteQuery, count int) {
			a.log.Info().Str("who", q.Who).Str("from", q.From).Strs("match", q.Match).Int("series", count).
				Msg("deleted series on request")
		},
	})
	a.overview = status.NewOverview(status.Sources{
		Ingest: a.ingest.Stats, Expose: a.expose.Stats, Registry: a.registry, Reload: a.reload.counts,
		State: a.state.counts(), IsReady: a.expose.IsReady, Build: build, Access: a.expose.StatusAccess,
		Path: endpoint.Path, Lifecycle: endpoint.Lifecycle,
		Reasons: a.lines.Reasons, SendersSince: a.lines.Since, Scrapers: a.expose.Scrapers,
		HasChanged: func() bool { return status.HasChanged(a.reload.inForce()) },
		Fullest:    explorer.Fullest,
		Labels:     func() wire.Labels { return explorer.KnownLabels(mostLabels) },
	})
	a.expose.SetStatus(api.New(api.Sources{
		Explorer: explorer,
		Build:    build, Status: a.overview.Status, Lines: a.lines, CanDelete: endpoint.Lifecycle,
		Listeners: func() wire.Listeners {
			return a.lines.Listeners(a.ingest.Listeners(), &a.config.Ingest, time.Now())
		},
		Scrapers: func() wire.Scrapers { return status.Scrapers(a.expose.Scrapers()) },
		Config:   func() wire.Config { return status.Config(a.reload.inForce()) },
		Rules:    func() wire.Rules { return status.Rules(a.registry, a.ingest.Tap().Rates()) },
		Explain: func(lines string) (wire.Explained, error) {
			return status.Explain(lines, a.reload.inForce(), a.registry, reserved)
		},
	}))
}

// gatherer returns what gathers weir's own families. One that cannot be gathered is missing; a scrape logs
// that.
func gatherer(m *self.Metrics) func() []*dto.MetricFamily {
	return func() []*dto.MetricFamily {
		families, _ := m.Gatherer().Gather()
		return families
	}
}
