package main

import (
	"weir/cmd/weir/status"
	api "weir/expose/status"
	"weir/expose/status/wire"
)

// setStatus wires the parts of a that answer /api/v1.
func setStatus(a *App) {
	b := readBuild()
	build := wire.BuildInfo{
		Version: b.version, Revision: b.revision, BuildDate: b.time, GoVersion: b.goVersion,
	}
	endpoint := &a.config.Expose.Endpoint
	a.lines = status.NewLines(a.ingest)
	a.overview = status.NewOverview(status.Sources{
		Ingest: a.ingest.Stats, Expose: a.expose.Stats, Registry: a.registry, Reload: a.reload.counts,
		State: a.state.counts(), IsReady: a.expose.IsReady, Build: build, Access: a.expose.StatusAccess,
		Path: endpoint.Path, Lifecycle: endpoint.Lifecycle,
		Reasons: a.lines.Reasons, SendersSince: a.lines.Since,
	})
	a.expose.SetStatus(api.New(api.Sources{
		Build: build, Status: a.overview.Status, Lines: a.lines, CanDelete: endpoint.Lifecycle,
		Listeners: func() wire.Listeners {
			stats := a.ingest.Stats()
			return status.Listeners(&stats, a.ingest.Listeners(), &a.config.Ingest)
		},
	}))
}
