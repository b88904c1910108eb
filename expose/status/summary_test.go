package status_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/expose/status"
	"weir/expose/status/web"
	"weir/expose/status/wire"
)

// known has a family and a reject.
type known struct{ recorder }

func (*known) Families(wire.FamiliesQuery) (wire.Families, error) {
	rate := 2.5
	return wire.Families{Total: 9, Families: []wire.Family{
		{Name: "users", Type: "gauge", Kind: "set", Series: 3, SamplesPerSecond: &rate}, {Name: "hits", Type: "counter"},
	}}, nil
}

func (*known) Rejects(wire.RejectsQuery, time.Time) wire.Rejects {
	newest := &wire.Reject{Sent: wire.Sent{Line: "a:b|c", Sender: "pid 7", Program: "php"}}
	return wire.Rejects{Reasons: []wire.RejectReason{
		{Reason: "bad_value", Samples: 4, Advice: "send a number", Newest: newest}, {Reason: "unknown_type"},
	}}
}

func TestSummary(t *testing.T) {
	k := &known{}
	s := k.sources()
	s.Explorer, s.Lines = k, k
	s.Status = func(uint64) wire.Status {
		return wire.Status{
			Now: 100, Instance: "host", Version: "1.2.3", UptimeSeconds: 90, LastScrape: &wire.LastScrape{At: 94, Peer: "10.0.0.1"},
			Health: wire.Health{Level: "look", Text: "well", Notes: []wire.Note{{Title: "limit", Text: "reached", Fix: "raise it"}}},
			Ledger: wire.Ledger{Lines: 7}, Rates: wire.LedgerRates{Lines: 1.5}, Endpoint: wire.EndpointInfo{Path: "/metrics"},
		}
	}
	got := status.New(s).Summary()
	if i := 2; got.Ledger[i] != (web.Count{Name: "lines", Total: 7, PerSecond: 1.5}) {
		t.Errorf("Ledger[%d] = %+v", i, got.Ledger[i])
	}
	got.Ledger = nil
	want := &web.Summary{
		Instance: "host", Version: "1.2.3", Uptime: 90 * time.Second, Level: "look", Health: "well",
		LastScrape: "last scrape 6s ago by 10.0.0.1", MetricsPath: "/metrics",
		Notes:   []web.Note{{Title: "limit", Text: "reached", Fix: "raise it"}},
		Metrics: []web.Metric{{Name: "users", Type: "set", Series: 3, PerSecond: 2.5}, {Name: "hits", Type: "counter", PerSecond: -1}},
		More:    7,
		Rejects: []web.Reject{
			{Reason: "bad_value", Samples: 4, Line: "a:b|c", Sender: "php", Advice: "send a number"}, {Reason: "unknown_type"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Summary (-want +got):\n%s", diff)
	}
}

// What has no source is left out.
func TestSummaryWithoutSources(t *testing.T) {
	if got := status.New(status.Sources{}).Summary(); got != nil {
		t.Errorf("Summary = %+v, want nil", got)
	}
	got := status.New(status.Sources{Status: func(uint64) wire.Status { return wire.Status{} }}).Summary()
	if got == nil || got.Metrics != nil || got.LastScrape != "not scraped yet" {
		t.Errorf("Summary = %+v", got)
	}
}
