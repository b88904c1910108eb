package architecture_test

import (
	"testing"

	"weir/internal/architecture"
)

// weir is the shape of this repository. The arrows of the table are those of the straight line:
//
//	cmd -> config -> {ingest, expose} -> aggregate -> protocol
//
// Tests may import any room. So may what runs beside weir, below bench, as far as it says so here.
var weir = architecture.Shape{
	Table: []architecture.Row{
		{Room: "cmd/weir", Imports: "cmd/weir/... config ingest/... expose/... aggregate/... protocol internal/..."},
		{Room: "cmd/weir/explain", Imports: "config aggregate/... protocol internal/..."},
		{Room: "cmd/weir/losses", Imports: "cmd/weir/explain ingest/... aggregate protocol"},
		{Room: "cmd/weir/maptest", Imports: "cmd/weir/explain config aggregate/... protocol internal/..."},
		{Room: "cmd/weir/production", Imports: "cmd/weir/losses cmd/weir/self config ingest/... expose/... aggregate/... protocol internal/..."},
		{Room: "cmd/weir/self", Imports: "config ingest/... expose/... aggregate protocol"},
		{Room: "cmd/weir/api", Imports: "cmd/weir/explain expose/status expose/status/wire"},
		{Room: "cmd/weir/tail", Imports: "cmd/weir/api cmd/weir/explain expose/status/wire"},
		{Room: "cmd/weir/top", Imports: "cmd/weir/api cmd/weir/explain expose/status/wire internal/digits"},
		{Room: "cmd/weir/status", Imports: "cmd/weir/explain cmd/weir/self config ingest/... expose/... aggregate/... protocol internal/digits"},
		{Room: "config", Imports: "ingest/... expose/... aggregate/... internal/..."},

		{Room: "ingest", Imports: "ingest/relay ingest/dgram ingest/tap aggregate protocol internal/listen internal/bytesize internal/mistake"},
		{Room: "ingest/relay", Imports: "aggregate/label"},
		{Room: "ingest/dgram"},
		{Room: "ingest/tap", Imports: "aggregate/... protocol internal/glob"},

		{Room: "expose", Imports: "expose/page expose/format expose/guard expose/status/... aggregate internal/listen internal/bytesize internal/mistake"},
		{Room: "expose/page", Imports: "expose/format aggregate/..."},
		{Room: "expose/format", Imports: "aggregate/..."},
		{Room: "expose/format/formattest", Imports: "expose/format aggregate protocol", Except: "tests example"}, // it serves tests
		{Room: "expose/guard", Imports: "internal/yamlfile internal/mistake"},
		{Room: "expose/guard/guardtest", Except: "tests example"}, // it serves tests
		{Room: "expose/remote", Imports: "expose/remote/... expose/format aggregate/... internal/bytesize internal/mistake"},
		{Room: "expose/remote/delivery", Imports: "internal/durable"},
		{Room: "expose/remote/point", Imports: "aggregate"},
		{Room: "expose/remote/prw", Imports: "expose/remote/point expose/format aggregate aggregate/exponential aggregate/label"},
		{Room: "expose/remote/otlp", Imports: "expose/remote/point aggregate aggregate/label"},
		{Room: "expose/status", Imports: "expose/status/wire expose/status/web"},
		{Room: "expose/status/wire", Except: "tests"}, // it is types and their documentation
		{Room: "expose/status/history", Imports: "expose/status/wire"},
		{
			Room:    "expose/status/explore",
			Imports: "expose/page expose/format expose/status/selector expose/status/wire aggregate/... internal/glob",
		},
		{Room: "expose/status/selector", Imports: "aggregate/label"},
		{Room: "expose/status/web", Imports: "internal/digits"},

		{Room: "aggregate", Imports: "aggregate/... protocol internal/durable internal/bytesize internal/mistake"},
		{Room: "aggregate/mapping", Imports: "aggregate/label internal/yamlfile internal/mistake"},
		{Room: "aggregate/label"},
		{Room: "aggregate/growth", Imports: "aggregate/label"},
		{Room: "aggregate/rawkey"},
		{Room: "aggregate/distinct"},
		{Room: "aggregate/journal"},
		{Room: "aggregate/saved", Imports: "aggregate/exponential aggregate/journal aggregate/label"},
		{Room: "aggregate/state", Imports: "aggregate aggregate/journal internal/durable"},
		{Room: "aggregate/exponential"},
		{Room: "protocol", OnlyStd: true},

		{Room: "internal/architecture", OnlyStd: true},
		{Room: "internal/bytesize"},
		{Room: "internal/digits"},
		{Room: "internal/durable"},
		{Room: "internal/glob"},
		{Room: "internal/listen"},
		{Room: "internal/mistake"},
		{Room: "internal/poll"},
		{Room: "internal/yamlfile", Imports: "internal/mistake"},

		{Room: "bench/command", Except: "example"},
		{Room: "bench/compare", Imports: "bench/command bench/load/sender bench/process bench/workload", Except: "example"},
		{Room: "bench/demo", Imports: "bench/command bench/load/sender bench/process bench/workload/... internal/digits", Except: "example"},
		{Room: "bench/load", Imports: "bench/command bench/load/sender bench/workload", Except: "example"},
		{Room: "bench/load/sender", Imports: "bench/workload", Except: "example"},
		{Room: "bench/process", Imports: "internal/poll", Except: "example"},
		{Room: "bench/clients", Except: "imports methods tests doc example"}, // a module of its own
		{Room: "bench/rival", Except: "imports methods tests doc example"},   // a module of its own
		{Room: "bench/sink", Except: "example"},
		{Room: "bench/spread", Imports: "bench/command ingest/relay aggregate/label", Except: "example"},
		{Room: "bench/workload", Imports: "protocol", Except: "example"},
		{Room: "bench/workload/verdict", Imports: "bench/workload protocol", Except: "example"},
	},
	Limits: architecture.Limits{
		Files: 20, Lines: 300, Statements: 40, MethodFiles: 2, TestRatio: 0.6, EqualLines: 6,
	},
}

// TestArchitecture holds weir to its shape. A failure says what to do. The table changes when the shape does,
// never to silence a breach.
func TestArchitecture(t *testing.T) {
	for _, breach := range weir.Check(load(t, "../..")) {
		t.Error(&breach)
	}
}
