package wire

// SendersQuery asks for senders.
type SendersQuery struct {
	// Sort is one of SenderSorts; empty means the first.
	Sort string
	// Limit is the most senders of the answer.
	Limit int
	// After is Senders.Next of the page before; empty for the first page.
	After string
}

// Senders are who sends lines, of all transports.
type Senders struct {
	// Since is when counting began: with the first question. It ends a minute after the last.
	Since float64 `json:"since"`
	// Senders are in the order that was asked for.
	Senders []Sender `json:"senders"`
	// Total is how many senders are known. Others is about how many more there are: they share the last row,
	// whose sender is "others".
	Total  int `json:"total"`
	Others int `json:"others"`
	// Next is the cursor of the next page; empty at the end.
	Next string `json:"next,omitempty"`
}

// Sender is a host, or a process that sends over a unix socket.
type Sender struct {
	// Sender is an address without its port, "pid 4711", "others", or empty when it is not known.
	Sender string `json:"sender"`
	// Program is the program of the process, and PID its id; empty and 0 when that is not known.
	Program string `json:"program"`
	PID     int32  `json:"pid"`
	// Transport is "udp", "tcp", "unixgram" or "unix".
	Transport string `json:"transport"`
	// Addresses is how many ports it used since Senders.Since.
	Addresses int `json:"addresses"`
	// Lines and Samples came since Senders.Since. They are exact.
	Lines   uint64 `json:"lines"`
	Samples uint64 `json:"samples"`
	// LinesPerSecond is over the last 10 s; null in the first 5 s.
	LinesPerSecond *float64 `json:"lines_per_second"`
	// Rejected and Refused samples, series created and reasons of rejects count since weir started.
	Rejected      uint64            `json:"rejected"`
	Refused       uint64            `json:"refused"`
	SeriesCreated uint64            `json:"series_created"`
	RejectReasons map[string]uint64 `json:"reject_reasons"`
	// LastSeenAt is the second of its last line while somebody looked, or of its last reject, refusal or new
	// series.
	LastSeenAt float64 `json:"last_seen_at"`
}
