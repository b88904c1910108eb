package ingest

import (
	"github.com/rs/zerolog"

	"weir/protocol"
)

// timestampSlack is how many seconds the timestamp of a sample may be away from now without being counted.
const timestampSlack = 60

// checkTimestamp counts a timestamp that is far from now.
func (in *intake) checkTimestamp(timestamp int64) {
	if off := timestamp - in.now(); off > timestampSlack || off < -timestampSlack {
		in.tally.TimestampsOff++
	}
}

// special takes an event or a service check, and logs it if the options say so. Slow path.
func (in *intake) special(s *protocol.Sample) protocol.Reason {
	if s.Kind == protocol.KindEvent {
		event := in.decoder.Event()
		in.tally.Events[event.Alert][event.Priority]++
		if in.logEvents {
			logEvent(in.log.Info(), event)
		}
		return protocol.ReasonNone
	}
	if in.logEvents {
		logCheck(in.log.Info(), in.decoder.Check())
	}
	return in.shard.Record(s)
}

func logEvent(to *zerolog.Event, e *protocol.Event) {
	to.Bytes("title", e.Title).Bytes("text", e.Text).
		Stringer("alert_type", e.Alert).Stringer("priority", e.Priority)
	optional(to, "tags", e.Tags)
	optional(to, "host", e.Host)
	optional(to, "aggregation_key", e.Key)
	optional(to, "source_type", e.SourceType)
	if e.Timestamp != 0 {
		to.Int64("timestamp", e.Timestamp)
	}
	to.Msg("event")
}

func logCheck(to *zerolog.Event, c *protocol.Check) {
	to.Bytes("check", c.Name).Int("status", c.Status)
	optional(to, "tags", c.Tags)
	optional(to, "host", c.Host)
	optional(to, "message", c.Message)
	if c.Timestamp != 0 {
		to.Int64("timestamp", c.Timestamp)
	}
	to.Msg("service check")
}

func optional(to *zerolog.Event, key string, value []byte) {
	if value != nil {
		to.Bytes(key, value)
	}
}
