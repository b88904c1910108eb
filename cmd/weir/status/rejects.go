package status

import (
	"cmp"
	"slices"
	"sync"
	"time"
	"unsafe"

	"weir/cmd/weir/explain"
	"weir/expose/status/wire"
	"weir/ingest"
	"weir/protocol"
)

const (
	// rejectSteps steps of rejectStep are ten minutes.
	rejectSteps, rejectStep = 120, 5 * time.Second

	// rejectRate is over how long the rate of rejects is taken.
	rejectRate = 10 * time.Second

	// rejectHistoryBytes is the size of the history.
	rejectHistoryBytes = int(unsafe.Sizeof(rejectHistory{}))
)

// outcomes are samples by what became of them.
type outcomes = [protocol.NumReasons]uint64

// rejectHistory is the counts by reason at the end of the last steps.
type rejectHistory struct {
	mu    sync.Mutex
	steps [rejectSteps + 1]rejectCounts // guarded by mu; a ring
	added int                           // guarded by mu; steps so far
}

// rejectCounts are the counts since the start of weir at one time.
type rejectCounts struct {
	at     time.Time
	counts outcomes
}

// isDue reports whether a step has ended.
func (h *rejectHistory) isDue(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.added == 0 || now.Sub(h.steps[(h.added-1)%len(h.steps)].at) >= rejectStep
}

func (h *rejectHistory) add(now time.Time, counts *outcomes) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.steps[h.added%len(h.steps)] = rejectCounts{now, *counts}
	h.added++
}

// before returns the counts at the end of the newest step that is at least so long ago, or of the oldest;
// without a step it has no time.
func (h *rejectHistory) before(now time.Time, ago time.Duration) rejectCounts {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := min(h.added, len(h.steps))
	for i := range kept {
		step := &h.steps[(h.added-1-i)%len(h.steps)]
		if now.Sub(step.at) >= ago || i == kept-1 {
			return *step
		}
	}
	return rejectCounts{}
}

// isWhole reports whether the history reaches back to the start of weir.
func (h *rejectHistory) isWhole() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.added <= len(h.steps)
}

// reasons returns the reasons that occurred, or one of them.
func (h *rejectHistory) reasons(
	only string, counts *outcomes, kept []ingest.Reject, now time.Time,
) []wire.RejectReason {
	recent, old := h.before(now, rejectRate), h.before(now, rejectSteps*rejectStep)
	if h.isWhole() {
		old = rejectCounts{}
	}
	reasons := []wire.RejectReason{}
	for reason := protocol.ReasonNone + 1; reason < protocol.NumReasons; reason++ {
		n := counts[reason]
		if n == 0 || only != "" && only != reason.String() {
			continue
		}
		found := wire.RejectReason{
			Reason: reason.String(), Samples: n, TenMinutes: n - old.counts[reason],
			Advice: explain.Advice(reason),
		}
		if length := now.Sub(recent.at).Seconds(); !recent.at.IsZero() && length > 0 {
			found.PerSecond = float64(n-recent.counts[reason]) / length
		}
		isOfReason := func(r ingest.Reject) bool { return r.Reason == reason }
		if i := slices.IndexFunc(kept, isOfReason); i >= 0 {
			found.Newest = new(rejectOf(&kept[i]))
		}
		reasons = append(reasons, found)
	}
	slices.SortStableFunc(reasons, func(a, b wire.RejectReason) int {
		return cmp.Compare(b.Samples, a.Samples)
	})
	return reasons
}

func rejectOf(r *ingest.Reject) wire.Reject {
	reject := wire.Reject{
		Seq: r.Seq, At: seconds(r.Time), Reason: r.Reason.String(), Offset: r.Offset, IsNew: r.IsNew,
		Advice: explain.Detail(r.Reason, r.Line, r.Offset), Foreign: explain.Foreign(r.Line),
	}
	reject.LineTruncated, reject.Listener, reject.Sender, reject.PID = r.IsCut, r.Listener, r.Sender, r.PID
	reject.Line, reject.LineEscaped = wire.Text(r.Line)
	reject.Detail, _ = wire.Text(r.Detail)
	reject.Program, _ = wire.Text(r.Program)
	return reject
}
