package wire

// Listeners is the answer to GET listeners: where lines come in.
type Listeners struct {
	Listeners []Listener `json:"listeners"`
}

// Listener is an address that lines come to. When it shares its transport with others, SharesLines is true,
// and the counts of lines are the counts of the transport.
type Listener struct {
	Listener  string `json:"listener"` // like "udp://127.0.0.1:9125"
	Transport string `json:"transport"`
	Sockets   int    `json:"sockets"`

	Datagrams      uint64   `json:"datagrams"`
	Bytes          uint64   `json:"bytes"`
	Lines          uint64   `json:"lines"`
	LinesPerSecond *float64 `json:"lines_per_second"`
	SharesLines    bool     `json:"shares_lines"`
	Truncated      uint64   `json:"truncated"`
	Rejected       uint64   `json:"rejected"`

	Connections    int64 `json:"connections"`
	MaxConnections int   `json:"max_connections"`

	// QueuedBytes wait in the receive buffers, which have BufferBytes; BufferAskedBytes is what the
	// configuration asks for. All are of kernel memory, which Linux needs twice as much of as it holds.
	QueuedBytes      uint64 `json:"queued_bytes"`
	BufferBytes      uint64 `json:"buffer_bytes"`
	BufferAskedBytes uint64 `json:"buffer_asked_bytes"`
	KernelDrops      uint64 `json:"kernel_drops"`
	ReceiveErrors    uint64 `json:"receive_errors"`
	// Advice says what to do; empty when nothing is wrong.
	Advice string `json:"advice"`
}

// Scrapers is the answer to GET scrapers: who takes the sums.
type Scrapers struct {
	Scrapers []Scraper `json:"scrapers"`
	Pushes   []Push    `json:"pushes"`
}

// Scraper is a peer with its format.
type Scraper struct {
	Peer      string `json:"peer"` // the address without its port
	UserAgent string `json:"user_agent"`
	Name      string `json:"name"`     // of its token or user; may be empty
	Format    string `json:"format"`   // text, openmetrics or protobuf
	Encoding  string `json:"encoding"` // gzip or identity

	Scrapes uint64  `json:"scrapes"`
	LastAt  float64 `json:"last_at"`
	// IntervalSeconds is the time between the last two scrapes; null before the second.
	IntervalSeconds *float64 `json:"interval_seconds"`
	// DurationSeconds, Bytes (of the exposition) and BodyBytes (as they were sent) are of the last scrape.
	DurationSeconds float64 `json:"duration_seconds"`
	Bytes           int64   `json:"bytes"`
	BodyBytes       int64   `json:"body_bytes"`
	// Pages is how many pages the last exposition had, PagesReused how many of them were not rendered again.
	Pages       int `json:"pages"`
	PagesReused int `json:"pages_reused"`
	// Late scrapes got the previous exposition, or none. Aborted ones were cut.
	Late    uint64 `json:"late"`
	Aborted uint64 `json:"aborted"`
}

// Push is a way out that weir pushes on.
type Push struct {
	Target string `json:"target"`
}
