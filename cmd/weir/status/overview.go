package status

import (
	"math"
	"os"
	"runtime/debug"
	"time"
	"unsafe"

	"weir/aggregate"
	"weir/cmd/weir/self"
	"weir/expose"
	"weir/expose/status/explore"
	"weir/expose/status/history"
	"weir/expose/status/wire"
	"weir/ingest"
	"weir/protocol"
)

// Sources are the parts of weir that an Overview is made of. All may be asked from any goroutine.
type Sources struct {
	Ingest   func() ingest.Stats
	Expose   func() expose.Stats
	Registry *aggregate.Registry
	Reload   func() self.Reload
	State    func() self.State // nil without a state file
	IsReady  func() bool

	Build wire.BuildInfo
	// Path is that of the exposition, Access who may use the API.
	Path   string
	Access func() string
	// Lifecycle says that series can be deleted.
	Lifecycle bool

	// These may be nil. Scrapers returns who took the exposition, the one that came last first; Reasons for
	// which samples were rejected in the last ten minutes; SendersSince since when lines are counted by
	// sender, nil while they are not; HasChanged whether a file of the configuration has changed since it was
	// read.
	Scrapers     func() []expose.Scraper
	Reasons      func() []wire.RejectReason
	SendersSince func() *float64
	HasChanged   func() bool
	// Fullest returns the metrics with most series, most first.
	Fullest func() []explore.Fullness
	// Labels returns the labels with most values, most first, as they were a short time ago. Without it, the
	// label to blame for a limit is looked for in every series.
	Labels func() wire.Labels
}

// Overview is the state of weir in figures and in words.
type Overview struct {
	from     Sources
	started  time.Time
	instance string
	history  history.History
}

// NewOverview returns the state of a weir that starts now.
func NewOverview(from Sources) *Overview {
	instance, err := os.Hostname()
	if err != nil {
		instance = "unknown"
	}
	o := &Overview{from: from, started: time.Now(), instance: instance}
	o.history.Tick(o.started, history.Counts{}) // so that the lines of the first second count
	return o
}

// Tick keeps the counts of now. Call it about once a second.
func (o *Overview) Tick(now time.Time) { o.history.Tick(now, o.read().counts()) }

// Bytes returns about how much memory histories use, and the newest values of labels.
func (o *Overview) Bytes() int { return int(unsafe.Sizeof(*o)) + o.from.Registry.LabelGrowthBytes() }

// reading has the counts of all parts at one moment.
type reading struct {
	ledger    ingest.Ledger
	drops     uint64 // by the kernel
	overflows []aggregate.Overflow
	folded    uint64
	registry  aggregate.Stats
	usage     usage

	scrapers []expose.Scraper // only for Status
}

// read reads the counts. The counts of the ledger are of one moment.
func (o *Overview) read() *reading {
	stats := o.from.Ingest()
	total := stats.Total()
	r := &reading{
		ledger: total.Ledger, overflows: o.from.Registry.Overflows(), registry: o.from.Registry.Stats(),
		usage: usageNow(),
	}
	for i := range total.Sockets {
		r.drops += total.Sockets[i].KernelDrops
	}
	var limited uint64 // refused or folded
	for _, x := range r.overflows {
		limited += x.Samples
	}
	if refused := r.sum(protocol.Reason.Refused); limited > refused {
		r.folded = limited - refused
	}
	return r
}

// sum returns how many samples had one of these outcomes.
func (r *reading) sum(included func(protocol.Reason) bool) (n uint64) {
	for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
		if included(reason) {
			n += r.ledger.Outcomes[reason]
		}
	}
	return n
}

func (r *reading) counts() history.Counts {
	l := &r.ledger
	return history.Counts{
		Datagrams: l.Datagrams, Bytes: l.Bytes, Truncated: l.DatagramsTruncated, KernelDrops: r.drops,
		Lines: l.Lines, Samples: l.Samples,
		Recorded: l.Outcomes[protocol.ReasonNone], Refused: r.sum(protocol.Reason.Refused), Folded: r.folded,
		Rejected: r.sum(protocol.Reason.Rejected), Dropped: l.Outcomes[protocol.ReasonDropped],
		CPUSeconds: r.usage.cpuSeconds, RSSBytes: r.usage.rssBytes, Series: uint64(r.registry.Series),
	}
}

// Status returns the state. Its history has only the steps after the one with the number since.
func (o *Overview) Status(since uint64) wire.Status {
	now, r := time.Now(), o.read()
	counts := r.counts()
	s := wire.Status{
		Now: seconds(now), Instance: o.instance, PID: os.Getpid(),
		Version: o.from.Build.Version, Revision: o.from.Build.Revision, GoVersion: o.from.Build.GoVersion,
		StartedAt: seconds(o.started), UptimeSeconds: now.Sub(o.started).Seconds(),
		Ready: o.from.IsReady(), Lifecycle: o.from.Lifecycle,
		Endpoint:   wire.EndpointInfo{Path: o.from.Path, Access: o.from.Access()},
		TenMinutes: o.history.TenMinutes(now, counts),
		Peak:       o.history.Peak(), History: o.history.Since(since),
		Series: wire.SeriesCounts{
			Now: r.registry.Series, Limit: o.from.Registry.Limits().MaxTotalSeries,
			Families: r.registry.Families, Refused: r.registry.SeriesRefused,
			Created: uint64(r.registry.Series) + r.registry.SeriesExpired + r.registry.SeriesDeleted,
			Expired: r.registry.SeriesExpired, Deleted: r.registry.SeriesDeleted,
		},
		Cost: wire.Cost{RSSBytes: r.usage.rssBytes, MemoryLimitBytes: memoryLimit()},
	}
	s.Ledger = wire.Ledger{
		Datagrams: counts.Datagrams, Bytes: counts.Bytes, Truncated: counts.Truncated,
		KernelDrops: counts.KernelDrops, Lines: counts.Lines, Samples: counts.Samples,
		Recorded: counts.Recorded, Refused: counts.Refused, Folded: counts.Folded,
		Rejected: counts.Rejected, Dropped: counts.Dropped,
	}
	s.Ledger.Balances = counts.Samples == counts.Recorded+counts.Refused+counts.Rejected+counts.Dropped
	s.TenMinutes.Balances = s.Ledger.Balances
	s.Rates, s.Cost.CPU = o.history.Rates()
	reload := o.from.Reload()
	s.Reload = wire.Reload{OK: reload.Successful, At: float64(reload.SucceededAt), Error: reload.Error}
	o.addOptional(&s, r)
	s.Health = o.health(&s, r)
	return s
}

// addOptional adds what the parts tell that may be missing.
func (o *Overview) addOptional(s *wire.Status, r *reading) {
	if o.from.Scrapers != nil {
		r.scrapers = o.from.Scrapers()
		s.LastScrape = lastScrape(r.scrapers)
		s.Cost.ScrapeSeconds, s.Cost.PagesReused = scraping(r.scrapers, time.Now())
	}
	if o.from.SendersSince != nil {
		s.SendersSince = o.from.SendersSince()
	}
}

// memoryLimit returns GOMEMLIMIT in bytes, 0 without one.
func memoryLimit() uint64 {
	limit := debug.SetMemoryLimit(-1) // which changes nothing
	if limit == math.MaxInt64 {
		return 0
	}
	return uint64(limit)
}
