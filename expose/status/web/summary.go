package web

import "time"

// Summary is what the page says without JavaScript. Its texts may hold anything that a sender wrote.
type Summary struct {
	Instance, Version string
	Uptime            time.Duration
	Level             string // "ok", "look" or "bad"
	Health            string // the state in words
	LastScrape        string // in words; empty when nobody scraped
	MetricsPath       string

	Notes   []Note
	Ledger  []Count
	Metrics []Metric // the busiest, or the first
	More    uint64   // metrics that are not in Metrics
	Rejects []Reject // by reason
}

// Note is one thing that needs a look.
type Note struct{ Title, Text, Fix string }

// Count is a row of the ledger. A negative rate is not known.
type Count struct {
	Name      string
	Total     uint64
	PerSecond float64
}

// Metric is a family. A negative rate is not known.
type Metric struct {
	Name, Type string
	Series     uint64
	PerSecond  float64
}

// Reject is a reason for which samples were rejected, with the newest one.
type Reject struct {
	Reason               string
	Samples              uint64
	Line, Sender, Advice string
}
