package wire

// RejectsQuery asks for lines that were rejected.
type RejectsQuery struct {
	// Since is Rejects.Since of the last answer; 0 asks for all that are kept.
	Since uint64
	// Reason is the reason to show; empty shows all.
	Reason string
	// Limit is the most lines of the answer.
	Limit int
}

// Rejects are lines that were rejected, refused or dropped, whole or in part, and why.
type Rejects struct {
	// Reasons are the reasons that occurred, the one with most samples first.
	Reasons []RejectReason `json:"reasons"`
	// Rejects are lines that are kept, the newest first: all of a test by hand, and a selection of a flood.
	Rejects []Reject `json:"rejects"`
	// Since is for the next question.
	Since uint64 `json:"since"`
}

// RejectReason is the counts of one reason.
type RejectReason struct {
	Reason string `json:"reason"`
	// Samples is how many there were since weir started, PerSecond how many a second over the last 10 s, and
	// TenMinutes how many in the last ten minutes, or since weir started.
	Samples    uint64  `json:"samples"`
	PerSecond  float64 `json:"per_second"`
	TenMinutes uint64  `json:"ten_minutes"`
	// Advice says what is wrong, and what to do.
	Advice string `json:"advice"`
	// Newest is the newest line that is kept; null when none is.
	Newest *Reject `json:"newest"`
}

// Reject is one line that was rejected, refused or dropped, whole or in part.
type Reject struct {
	// Seq numbers the lines that were kept: 1, 2, 3 and so on.
	Seq uint64 `json:"seq"`
	// At is when the line came, to the second.
	At     float64 `json:"at"`
	Reason string  `json:"reason"`
	// Offset is where the wrong part begins, in bytes of the line as it was sent; it may be behind the end of
	// Line.
	Offset int `json:"offset"`
	Sent

	// Detail explains the reason further, as "queue_depth is a gauge; a counter was sent"; it may be empty.
	// Advice says what is wrong with the part at Offset, and what to do.
	Detail string `json:"detail"`
	Advice string `json:"advice"`
	// IsNew says that no line with this name was rejected for this reason before, as far as is remembered.
	IsNew bool `json:"is_new"`
	// Foreign says which other protocol the line looks like; empty when it looks like none.
	Foreign string `json:"foreign"`
}
