package losses

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"weir/cmd/weir/explain"
	"weir/ingest"
	"weir/protocol"
)

const (
	// firstLines is how many rejected lines of one reason are logged at once. Each comes back after a
	// warnInterval: whoever tries a line after the other sees what is wrong with every one of them.
	firstLines = 10

	// firstNames is how many lines are logged at once, for all reasons together, because a line with their
	// name was not rejected before. Each comes back after a warnInterval.
	firstNames = 50
)

// rejects logs lines that were rejected. In a flood, whatever the names in it, it logs firstLines of each
// reason and firstNames at once, and then one a minute of each; the last of them says how many samples are
// not in the log.
type rejects struct {
	from Ingest
	log  zerolog.Logger

	seq      uint64 // of the newest line that was looked at
	reasons  [protocol.NumReasons]reasonLog
	newNames *rate.Limiter
	foreign  map[string]*rate.Limiter // by what explain.Foreign says
	muted    muted
}

// reasonLog is what the log has of one reason.
type reasonLog struct {
	lines    *rate.Limiter
	samples  int64     // that the log tells of: as lines, or as left out
	lastSeq  uint64    // of the last line
	lastLine time.Time // when it was logged
}

// muted is a connection whose first line was in another protocol: the lines behind it, such as headers of
// HTTP, have nothing to say.
type muted struct {
	listener, sender string
	since            time.Time
}

func newRejects(from Ingest, log zerolog.Logger) *rejects {
	r := &rejects{
		from: from, log: log, newNames: newLimiter(firstNames), foreign: make(map[string]*rate.Limiter),
	}
	for reason := range r.reasons {
		r.reasons[reason].lines = newLimiter(firstLines)
	}
	return r
}

// tick logs lines that were rejected since the last tick. outcomes are the counts of the ledger, read before.
// With isLast nothing that is not in the log yet waits for its minute.
func (r *rejects) tick(outcomes *[protocol.NumReasons]uint64, isLast bool) {
	kept := r.from.Rejects()
	slices.Reverse(kept) // the oldest first
	var due [protocol.NumReasons][]*ingest.Reject
	var newest [protocol.NumReasons]*ingest.Reject
	for i := range kept {
		reject := &kept[i]
		newest[reject.Reason] = reject
		if reject.Seq > r.seq {
			r.seq = reject.Seq
			if r.isDue(reject) {
				due[reject.Reason] = append(due[reject.Reason], reject)
			}
		}
	}
	for reason := range protocol.NumReasons {
		if reason.Rejected() {
			r.report(reason, int64(outcomes[reason]), due[reason], newest[reason], isLast)
		}
	}
}

// isDue reports whether a line is to be logged.
func (r *rejects) isDue(reject *ingest.Reject) bool {
	if what := explain.Foreign(reject.Line); what != "" {
		r.muted = muted{reject.Listener, reject.Sender, time.Now()}
		if r.foreign[what] == nil {
			r.foreign[what] = newLimiter(1)
		}
		return r.foreign[what].Allow()
	}
	if r.muted.has(reject) {
		r.reasons[reject.Reason].samples++ // the line of its sender that is in the log tells of it
		return false
	}
	return r.reasons[reject.Reason].lines.Allow() || reject.IsNew && r.newNames.Allow()
}

// has reports whether a line came on the connection just now. Whoever sends datagrams may send good ones,
// too.
func (m *muted) has(reject *ingest.Reject) bool {
	return strings.HasPrefix(reject.Listener, "tcp:") && reject.Sender != "" &&
		reject.Sender == m.sender && reject.Listener == m.listener && time.Since(m.since) < 2*time.Second
}

// report logs the lines that are due. The last one says how many samples are left out. When no line is due
// for a warnInterval and samples are left out, the newest line stands for them.
func (r *rejects) report(
	reason protocol.Reason, samples int64, due []*ingest.Reject, newest *ingest.Reject, isLast bool,
) {
	known := &r.reasons[reason]
	leftOut := samples - known.samples - int64(len(due))
	if len(due) == 0 && leftOut > 0 && (isLast || time.Since(known.lastLine) >= warnInterval) {
		if newest == nil { // other reasons have taken its place
			newest = &ingest.Reject{Reason: reason}
		}
		due = append(due, newest)
		if newest.Seq != known.lastSeq || newest.Seq == 0 { // it is one of the rejects that were left out
			leftOut--
		}
	}
	for i, reject := range due {
		known.samples++
		if i < len(due)-1 || leftOut <= 0 {
			r.warn(reject, 0)
		} else {
			r.warn(reject, leftOut)
			known.samples = samples
		}
		known.lastSeq, known.lastLine = reject.Seq, time.Now()
	}
}

// warn logs a line: first why it was rejected, then the line.
func (r *rejects) warn(reject *ingest.Reject, leftOut int64) {
	event := r.log.Warn()
	if reject.Line != "" {
		event.Str("line", readable(reject.Line))
	}
	event.Stringer("reason", reject.Reason)
	if reject.Listener != "" {
		event.Str("listener", reject.Listener)
	}
	if reject.Sender != "" {
		event.Str("sender", reject.Sender)
	}
	if leftOut > 0 {
		event.Int64("left_out", leftOut)
	}
	event.Msg("rejected: " + why(reject))
}

// why says what is wrong with a line, as exactly as is known.
func why(reject *ingest.Reject) string {
	if what := explain.Foreign(reject.Line); what != "" {
		return what
	}
	if reject.Detail != "" {
		return reject.Detail
	}
	return explain.Detail(reject.Reason, reject.Line, reject.Offset)
}

// readable returns a line for the log, which quotes and escapes it where that is needed. Only bytes that are
// not UTF-8 are escaped here: the log would replace them.
func readable(line string) string {
	if utf8.ValidString(line) {
		return line
	}
	return explain.Printable(line)
}
