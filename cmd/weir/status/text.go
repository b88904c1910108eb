package status

import (
	"time"

	"weir/protocol"
)

// seconds returns a time as the API has it; 0 for the zero Time.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// reasonText returns the name of a reason; empty for ReasonNone.
func reasonText(r protocol.Reason) string {
	if r == protocol.ReasonNone {
		return ""
	}
	return r.String()
}
