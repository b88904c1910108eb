package wire

import "time"

// TailQuery asks for lines as they come.
type TailQuery struct {
	// Since is Tail.Since of the last answer; 0 begins a tail.
	Since uint64
	// Match is a part of the names to show, as they are sent, or a glob with '*' and '?' that whole names
	// fit; empty shows all.
	Match string
	// Sender is the sender of the lines to show: an address with or without its port, "pid 4711", or a
	// program; empty shows all.
	Sender string
	// Rejected shows only lines that were rejected, refused or dropped.
	Rejected bool
	// Limit is the most lines of the answer.
	Limit int
	// Wait is how long to wait for the first line: at most 2 s.
	Wait time.Duration
}

// Tail is lines as they come. A tail begins with the first question of a viewer, and ends a minute after the
// last.
type Tail struct {
	// Lines are the lines since the last question, oldest first. At most 50 a second are shown.
	Lines []Line `json:"lines"`
	// Since is for the next question. It names the viewer, too.
	Since uint64 `json:"since"`
	// Seen is how many lines were looked at since the last question of this viewer. Skipped is how many of
	// them match and were left out: there were more than 50 a second, or the viewer was slow.
	Seen    uint64 `json:"seen"`
	Skipped uint64 `json:"skipped"`
}

// Line is one line as it was sent.
type Line struct {
	// Seq numbers the lines of a viewer: it is Tail.Since behind this line.
	Seq uint64 `json:"seq"`
	// At is when the line came.
	At float64 `json:"at"`
	Sent

	// Reason is why the line, or a part of it, was not recorded; empty when all was. Offset is where the
	// wrong part begins, in bytes of the line as it was sent.
	Reason string `json:"reason"`
	Offset int    `json:"offset"`
}

// Sent is a line as it was sent, and by whom.
type Sent struct {
	// Line is the line. LineEscaped says that it has bytes that are not UTF-8, which stand as \xNN in it, and
	// LineTruncated that only its beginning is here: 1,024 bytes of a live line, 256 of a reject.
	Line          string `json:"line"`
	LineEscaped   bool   `json:"line_escaped"`
	LineTruncated bool   `json:"line_truncated"`
	// Listener is where it came to, like "udp://127.0.0.1:9125".
	Listener string `json:"listener"`
	// Sender is the address with its port, or "pid 4711" for a unix socket, PID that process and Program what
	// it runs; empty, and 0, when that is not known.
	Sender  string `json:"sender"`
	Program string `json:"program"`
	PID     int32  `json:"pid"`
}
