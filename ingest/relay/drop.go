package relay

// DropReason says why a line was not sent.
type DropReason uint8

// The reasons.
const (
	DropQueueFull DropReason = iota // the queue of the target was full
	DropTooLong                     // the line is longer than MaxLineBytes
	DropFailed                      // sending a datagram failed
	DropStopped                     // weir ended before the line could be sent

	NumDropReasons // how many reasons there are; not a reason
)

var dropNames = [NumDropReasons]string{
	DropQueueFull: "queue_full", DropTooLong: "too_long", DropFailed: "send_failed", DropStopped: "stopped",
}

// String returns the reason as a label value, the same for ever.
func (r DropReason) String() string {
	if r >= NumDropReasons {
		return "unknown"
	}
	return dropNames[r]
}
