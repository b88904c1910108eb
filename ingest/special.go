package ingest

import (
	"sync/atomic"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

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

// samplesPerSecond is how many samples are logged per second at debug level, over all loops.
const samplesPerSecond = 10

// sampleLog logs some of the samples at debug level. Any loop may use it.
type sampleLog struct {
	isOn    atomic.Bool
	limit   *rate.Limiter
	leftOut atomic.Uint64 // samples since the last that was logged
	log     zerolog.Logger
}

func newSampleLog(log zerolog.Logger) *sampleLog {
	return &sampleLog{limit: rate.NewLimiter(samplesPerSecond, samplesPerSecond), log: log}
}

// add logs some of the n samples that the batch of an intake had.
func (l *sampleLog) add(in *intake, n int) {
	for i := range n {
		if !l.limit.Allow() {
			l.leftOut.Add(uint64(n - i))
			return
		}
		event := l.log.Debug().Bytes("line", in.batchLines[i])
		if reason := in.reasons[i]; reason != protocol.ReasonNone {
			event.Stringer("reason", reason)
		}
		if series := in.shard.Explain(&in.batch[i]); series.Reason == protocol.ReasonNone {
			event.Str("series", series.Family+series.Labels.String()).Stringer("type", series.Type)
		}
		event.Str("listener", in.listener)
		if sender := in.peer().String(); sender != "" {
			event.Str("sender", sender)
		}
		if leftOut := l.leftOut.Swap(0); leftOut > 0 {
			event.Uint64("left_out", leftOut)
		}
		event.Msg("a sample")
	}
}
