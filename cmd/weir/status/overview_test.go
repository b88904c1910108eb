package status_test

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/aggregate"
	"weir/cmd/weir/self"
	"weir/cmd/weir/status"
	"weir/expose"
	"weir/expose/format/formattest"
	"weir/expose/status/explore"
	"weir/expose/status/wire"
	"weir/ingest"
	"weir/ingest/dgram"
	"weir/protocol"
)

// parts are the parts of weir, with counts that a test sets.
type parts struct {
	total    ingest.TransportStats
	expose   expose.Stats
	reload   self.Reload
	state    self.State
	reasons  []wire.RejectReason
	scrapers []expose.Scraper
	registry *aggregate.Registry

	hasChanged bool
	labels     *wire.Labels // nil when there is no survey
	fullest    []explore.Fullness
}

func newParts(change func(*aggregate.Options)) *parts {
	o := aggregate.DefaultOptions()
	change(&o)
	return &parts{reload: self.Reload{Successful: true}, registry: aggregate.New(o)}
}

func nothing(*aggregate.Options) {}

func (p *parts) overview() *status.Overview {
	p.total.Name = "udp"
	from := status.Sources{
		Ingest: func() ingest.Stats { return ingest.Stats{Transports: []ingest.TransportStats{p.total}} },
		Expose: func() expose.Stats { return p.expose }, Registry: p.registry,
		Reload: func() self.Reload { return p.reload }, State: func() self.State { return p.state },
		IsReady: func() bool { return true }, Access: func() string { return "loopback" }, Path: "/metrics",
		Reasons: func() []wire.RejectReason { return p.reasons }, Scrapers: func() []expose.Scraper { return p.scrapers },
		HasChanged: func() bool { return p.hasChanged }, Fullest: func() []explore.Fullness { return p.fullest },
	}
	if p.labels != nil {
		from.Labels = func() wire.Labels { return *p.labels }
	}
	return status.NewOverview(from)
}

// lines counts lines of one sample each with an outcome.
func (p *parts) lines(n uint64, outcome protocol.Reason) {
	p.total.Ledger.Lines += n
	p.total.Ledger.Samples += n
	p.total.Ledger.Outcomes[outcome] += n
}

// The memory has the histories, and the newest values of labels.
func TestOverviewBytes(t *testing.T) {
	p := newParts(nothing)
	o := p.overview()
	before := o.Bytes()
	formattest.Record(t, p.registry.NewShard(), "web:1|c|#user:"+strings.Repeat("u", 100))
	if got := o.Bytes(); before < 10_000 || got < before+100 || got > before+100_000 {
		t.Errorf("%d bytes, %d with a label", before, got)
	}
}

func TestHealthy(t *testing.T) {
	p := newParts(nothing)
	o := p.overview()
	if got := o.Status(0).Health; got.Text != "waiting for the first line" || got.Level != "ok" || got.Notes == nil {
		t.Errorf("%+v", got)
	}
	start := time.Now()
	p.lines(18e6, protocol.ReasonNone)
	o.Tick(start.Add(1000 * time.Second)) // what is between the two readings of the clock does not show
	if got := o.Status(0).Health; got.Text != "healthy: 18,000 lines/s, nothing lost since the start" || got.Level != "ok" {
		t.Errorf("%+v", got)
	}
	s := o.Status(0)
	if s.Ledger.Recorded != 18e6 || !s.Ledger.Balances || math.Round(s.Rates.Lines) != 18e3 || s.Cost.CPU < 0 {
		t.Errorf("%+v", s)
	}
}

// Each thing that needs a look has a note, and what is broken comes first.
func TestNotes(t *testing.T) {
	p := newParts(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 2 })
	o := p.overview()
	shard := p.registry.NewShard()
	var decoder protocol.Decoder
	for i := range 5 {
		decoder.Reset(fmt.Appendf(nil, "web.hits:1|c|#user:u%d\n", i))
		for decoder.Next() {
			if sample, err := decoder.Sample(); err == nil && sample != nil {
				p.lines(1, shard.Record(sample))
			}
		}
	}
	p.total.Sockets = []dgram.SocketStats{{Listener: "udp://127.0.0.1:9125", KernelDrops: 7}}
	p.total.Ledger.DatagramsTruncated = 3
	p.lines(4, protocol.ReasonTypeConflict)
	p.reasons = []wire.RejectReason{
		{Reason: "bad_value", Samples: 9},
		{Reason: "type_conflict", Samples: 4, TenMinutes: 4, Newest: &wire.Reject{
			Sent: wire.Sent{Line: "a:1|g"}, Detail: "a is a counter; a gauge was sent",
		}},
	}
	p.expose.Panics, p.total.Ledger.Panics = 1, 2
	p.reload = self.Reload{Error: "weir.yaml:1: cashe: unknown key"}
	p.state = self.State{Failures: 2}
	got := o.Status(0)
	var kinds []string
	for _, n := range got.Health.Notes {
		kinds = append(kinds, n.Kind)
	}
	if fmt.Sprint(kinds) != "[panics state reload kernel_drops truncated limit rejects]" || got.Health.Level != "bad" {
		t.Fatalf("%v %+v", kinds, got.Health)
	}
	if !strings.HasSuffix(got.Health.Text, "none lost uncounted · 7 things need a look") {
		t.Error(got.Health.Text)
	}
	for kind, want := range map[int]string{
		0: "a bug 3 times", 2: "cashe: unknown key", 5: "3 samples of new series of web_hits were refused. Its label user has 2 values, and 2 more a minute.",
		6: "a is a counter; a gauge was sent",
	} {
		if !strings.Contains(got.Health.Notes[kind].Text, want) {
			t.Errorf("%+v, want %s", got.Health.Notes[kind], want)
		}
	}
	if fix := got.Health.Notes[5].Fix; fix != "max_label_values: {user: 100}" {
		t.Error(fix)
	}
}

// A metric that comes near its limit has a note before a sample is refused, and one that is at it has only that
// of the limit.
func TestNotesNearLimits(t *testing.T) {
	p := newParts(func(o *aggregate.Options) { o.Limits.MaxSeriesPerMetric = 10 })
	o := p.overview()
	f := func(want ...string) {
		t.Helper()
		var got []string
		for _, n := range o.Status(0).Health.Notes {
			got = append(got, n.Kind+" "+n.Text+" "+n.Fix)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	shard := p.registry.NewShard()
	for i := range 9 {
		f()
		formattest.Record(t, shard, fmt.Sprintf("web:1|c|#user:%d", i))
		p.fullest = []explore.Fullness{{Family: "web", Series: i + 1}, {Family: "x", Series: 1}}
	}
	f("label web has 9 of 10 allowed series. Its label user has 9 values, and 9 more a minute. max_label_values: {user: 100}")
	formattest.Record(t, shard, "web:1|c|#user:9")
	if n := o.Status(0).Health.Notes[0]; n.Title != "limit near" || n.Share != 0.9 {
		t.Errorf("%+v", n)
	}
	p.fullest[0].Series = 10
	if n := o.Status(0).Health.Notes[0]; n.Title != "limit reached" || n.Share != 1 {
		t.Errorf("%+v", n)
	}
	var s protocol.Sample
	s.Name, s.Tags, s.Value, s.Rate = []byte("web"), []byte("user:10"), 1, 1
	if got := shard.Record(&s); got != protocol.ReasonSeriesPerMetric {
		t.Fatalf("outcome %v", got)
	}
	if notes := o.Status(0).Health.Notes; len(notes) != 1 || notes[0].Kind != "limit" {
		t.Errorf("%+v", notes)
	}
}

// A ledger that does not balance is a bug, and the first thing to say.
func TestUnbalanced(t *testing.T) {
	p := newParts(nothing)
	o := p.overview()
	p.lines(5, protocol.ReasonNone)
	p.total.Ledger.Samples++
	got := o.Status(0)
	if got.Ledger.Balances || got.Health.Level != "bad" || got.Health.Notes[0].Kind != "unbalanced" ||
		!strings.Contains(got.Health.Text, "does not balance") {
		t.Errorf("%+v", got.Health)
	}
}

func TestListeners(t *testing.T) {
	options := ingest.DefaultOptions()
	stats := ingest.Stats{Transports: []ingest.TransportStats{
		{Name: "udp", Sockets: []dgram.SocketStats{
			{Listener: "udp://a:1", BufferBytes: 1 << 20, QueuedBytes: 5},
			{Listener: "udp://a:1", BufferBytes: 1 << 20},
			{Listener: "udp://b:1", BufferBytes: 16 << 20, KernelDrops: 4},
		}},
		{Name: "tcp", Connections: ingest.ConnectionStats{Active: 3}},
	}}
	stats.Transports[1].Ledger.Outcomes[protocol.ReasonTypeConflict] = 2
	got := status.Listeners(&stats, []ingest.Listener{
		{Transport: "udp", Address: "a:1"}, {Transport: "udp", Address: "b:1"}, {Transport: "tcp", Address: "a:1"},
	}, &options).Listeners
	a, b, tcp := got[0], got[1], got[2]
	if a.Sockets != 2 || a.BufferBytes != 2<<20 || a.QueuedBytes != 5 || !a.SharesLines || !strings.Contains(a.Advice, "granted less") {
		t.Errorf("%+v", a)
	}
	if b.KernelDrops != 4 || !strings.Contains(b.Advice, "sysctl -w net.core.rmem_max=") {
		t.Errorf("%+v", b)
	}
	if tcp.Connections != 3 || tcp.MaxConnections == 0 || tcp.Rejected != 2 || tcp.Advice != "" || tcp.SharesLines {
		t.Errorf("%+v", tcp)
	}
}

func ExampleListeners() {
	options := ingest.DefaultOptions()
	var stats ingest.Stats
	answer := status.Listeners(&stats, []ingest.Listener{{Transport: "tcp", Address: "127.0.0.1:9125"}}, &options)
	fmt.Println(answer.Listeners[0].Listener, answer.Listeners[0].MaxConnections)
	// Output: tcp://127.0.0.1:9125 1024
}

// What parts do not tell is null, and what they tell is there.
func TestOptionalParts(t *testing.T) {
	p := newParts(nothing)
	from := status.Sources{
		Ingest: func() ingest.Stats { return ingest.Stats{} }, Registry: p.registry,
		Expose: func() expose.Stats { return p.expose }, Reload: func() self.Reload { return p.reload },
		IsReady: func() bool { return false }, Access: func() string { return "all" }, Lifecycle: true,
	}
	s := status.NewOverview(from).Status(0)
	if s.LastScrape != nil || s.Cost.ScrapeSeconds != nil || s.SendersSince != nil || s.Ready || !s.Lifecycle {
		t.Errorf("%+v", s)
	}
	half := 0.5
	from.Scrapers = func() []expose.Scraper {
		return []expose.Scraper{{
			Peer: netip.MustParseAddr("10.0.0.7"), Last: time.Now(), Duration: time.Second / 2, Scrapes: 1,
		}}
	}
	from.SendersSince = func() *float64 { return &half }
	s = status.NewOverview(from).Status(0)
	if s.LastScrape.Peer != "10.0.0.7" || *s.Cost.ScrapeSeconds != 0.5 || *s.SendersSince != 0.5 || s.Endpoint.Access != "all" {
		t.Errorf("%+v", s)
	}
}

// Samples that are folded are recorded, and count as folded.
func TestFolded(t *testing.T) {
	p := newParts(func(o *aggregate.Options) {
		o.Limits.MaxSeriesPerMetric, o.Limits.OverflowAction = 2, aggregate.OverflowFold
	})
	o := p.overview()
	shard := p.registry.NewShard()
	var decoder protocol.Decoder
	decoder.Reset([]byte("a:1|c|#k:1\na:1|c|#k:2\na:1|c|#k:3\na:1|c|#k:4\n"))
	for decoder.Next() {
		if sample, err := decoder.Sample(); err == nil && sample != nil {
			p.lines(1, shard.Record(sample))
		}
	}
	s := o.Status(0)
	if s.Ledger.Folded == 0 || s.Ledger.Recorded != 4 || s.Ledger.Refused != 0 || !s.Ledger.Balances {
		t.Errorf("%+v", s.Ledger)
	}
	if notes := s.Health.Notes; len(notes) != 1 || notes[0].Family != "a" || notes[0].Label != "k" {
		t.Errorf("%+v", notes)
	}
}

// Curves go on from the step that was asked for.
func TestHistory(t *testing.T) {
	p := newParts(nothing)
	o := p.overview()
	at := time.Now()
	for range 3 {
		at = at.Add(5 * time.Second)
		p.lines(10, protocol.ReasonNone)
		o.Tick(at)
	}
	all, rest := o.Status(0).History, o.Status(2).History
	if all.Seq != 3 || len(all.Points.Lines) != 3 || len(rest.Points.Lines) != 1 || rest.StepSeconds != 5 {
		t.Errorf("%+v, from step 2 %+v", all, rest)
	}
}
