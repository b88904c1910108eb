package ingest

import (
	"bytes"
	"runtime/debug"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/protocol"
)

// intake takes lines into one shard and accounts for them. It belongs to one loop.
type intake struct {
	decoder protocol.Decoder
	shard   *aggregate.Shard
	log     zerolog.Logger
	now     func() int64 // seconds since the epoch, coarse

	logEvents bool
	panicked  bool

	tally     Ledger // since the last publish
	published publishedLedger
}

func newIntake(o *Options, registry *aggregate.Registry, log zerolog.Logger) *intake {
	return &intake{
		decoder: o.Decoder(), shard: registry.NewTaggedShard(o.Tagging()), log: log, now: registry.Now,
		logEvents: o.LogEvents,
	}
}

// datagram takes the lines of a datagram. When it was cut, the last line is not whole and is rejected.
func (in *intake) datagram(b []byte, cut bool) {
	in.tally.Datagrams++
	in.tally.Bytes += uint64(len(b))
	if cut {
		in.tally.DatagramsTruncated++
		in.tally.reject(protocol.ReasonTruncated)
		b = b[:bytes.LastIndexByte(b, '\n')+1]
	}
	in.lines(b)
}

// lines takes whole lines. A panic, which is a bug, costs the rest of them and is counted; it never ends
// the process.
func (in *intake) lines(b []byte) {
	defer in.recover()
	in.decoder.Reset(b)
	for in.decoder.Next() {
		in.tally.Lines++
		for {
			sample, err := in.decoder.Sample()
			if sample == nil && err == nil {
				break
			}
			in.tally.Samples++
			if err != nil {
				in.tally.Outcomes[err.Reason]++
				continue
			}
			if sample.Timestamp != 0 {
				in.checkTimestamp(sample.Timestamp)
			}
			if sample.Kind >= protocol.KindCheck {
				in.tally.Outcomes[in.special(sample)]++
				continue
			}
			in.tally.Outcomes[in.shard.Record(sample)]++
		}
	}
	in.tally.FieldsIgnored += uint64(in.decoder.Ignored())
}

func (in *intake) recover() {
	cause := recover()
	if cause == nil {
		return
	}
	in.tally.Panics++
	if in.tally.Samples == in.outcomes() {
		in.tally.Samples++ // it never came to a sample
	}
	in.tally.Outcomes[protocol.ReasonInternal]++
	if !in.panicked { // the first one tells; all are counted
		in.panicked = true
		in.log.Error().Interface("cause", cause).Bytes("line", in.decoder.Line()).
			Bytes("stack", debug.Stack()).
			Msg("BUG: a panic while taking lines; the rest of the datagram is lost. Please report it.")
	}
}

// outcomes returns how many samples of the tally have an outcome.
func (in *intake) outcomes() uint64 {
	n := uint64(0)
	for _, count := range in.tally.Outcomes {
		n += count
	}
	return n
}

func (in *intake) publish() { in.published.publish(&in.tally) }
