package ingest

import "weir/protocol"

// What the tests of the reject ring need of it.
const (
	RejectsPerSecond  = rejectsPerSecond
	MaxRejectLine     = maxRejectLine
	NewNamesPerSecond = newNamesPerSecond
)

// RejectRing is rejectRing, for its unit tests.
type RejectRing struct{ r *rejectRing }

// NewRejectRing returns a ring.
func NewRejectRing(capacity int, now func() int64) *RejectRing {
	return &RejectRing{newRejectRing(capacity, now)}
}

// Wants calls wants.
func (r *RejectRing) Wants(reason protocol.Reason, line []byte) bool { return r.r.wants(reason, line) }

// Add calls add.
func (r *RejectRing) Add(reject Reject, line []byte) { r.r.add(reject, line) }

// Last calls last.
func (r *RejectRing) Last() []Reject { return r.r.last() }
