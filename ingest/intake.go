package ingest

import (
	"bytes"
	"net/netip"
	"runtime/debug"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest/relay"
	"weir/ingest/tap"
	"weir/protocol"
)

// intake records lines in one shard and counts them. It belongs to one loop.
type intake struct {
	decoder protocol.Decoder
	shard   *aggregate.Shard
	log     zerolog.Logger
	now     func() int64 // seconds since the epoch, coarse

	logEvents bool
	sampleLog *sampleLog // nil in tests that do not need it
	panicked  bool

	rejects  *rejectRing // nil in tests that do not need it
	listener string      // where the current bytes came to, like "udp://127.0.0.1:9125"
	sender   sender      // who sent them; nil when that is not known

	relay    *relay.Buffer // nil when no relay is configured
	relayAll bool          // relay lines even if none of their samples was recorded

	lane *tap.Lane

	// Samples that wait to be recorded, with their lines. They borrow the current bytes.
	batch      [aggregate.BatchSize]protocol.Sample
	batchLines [aggregate.BatchSize][]byte
	reasons    [aggregate.BatchSize]protocol.Reason
	waiting    int

	tally     Ledger // since the last publish
	published publishedLedger
}

// datagram takes the lines of a datagram. If it was cut, its last line is incomplete and is rejected.
func (in *intake) datagram(b []byte, cut bool) {
	in.tally.Datagrams++
	in.tally.Bytes += uint64(len(b))
	if cut {
		in.tally.DatagramsTruncated++
		whole := bytes.LastIndexByte(b, '\n') + 1
		in.lost(protocol.ReasonTruncated, len(b)-whole, b[whole:])
		b = b[:whole]
	}
	in.lines(b)
}

// lines takes complete lines: a datagram, or a run of a stream. While nobody looks, the tap costs one atomic
// load.
func (in *intake) lines(b []byte) {
	if in.lane.IsWatched() {
		lines, samples := in.tally.Lines, in.tally.Samples
		in.decode(b)
		in.lane.Take(in.peer(), in.listener, b, in.tally.Lines-lines, in.tally.Samples-samples)
		return
	}
	in.decode(b)
}

// decode decodes and records lines. A panic, which is a bug, loses the rest of the lines and is counted; it
// never ends the process.
func (in *intake) decode(b []byte) {
	defer in.recover()
	in.decoder.Reset(b)
	for in.decoder.Next() {
		in.tally.Lines++
		recorded := in.samples()
		if in.relay != nil && (in.record() || recorded || in.relayAll) {
			in.relay.Line(in.decoder.Line())
		}
	}
	in.record()
	in.tally.FieldsIgnored += uint64(in.decoder.Ignored())
	in.tally.RatesIgnored += uint64(in.decoder.BadRates())
}

// samples takes the samples of the current line. Most of them wait in the batch. It reports whether one was
// recorded.
func (in *intake) samples() (recorded bool) {
	for {
		sample, err := in.decoder.Sample()
		if sample == nil && err == nil {
			return recorded
		}
		if err != nil {
			in.tally.Samples += uint64(err.Samples)
			in.tally.Outcomes[err.Reason] += uint64(err.Samples)
			in.tell(err.Reason, err.Samples, err.Offset, in.decoder.Line())
			in.keepReject(err.Reason, err.Offset, in.decoder.Line())
			continue
		}
		in.tally.Samples++
		if sample.Timestamp != 0 {
			in.checkTimestamp(sample.Timestamp)
		}
		if sample.Kind >= protocol.KindCheck {
			recorded = in.outcome(in.special(sample), sample, in.decoder.Line()) || recorded
			continue
		}
		if in.waiting == len(in.batch) {
			recorded = in.record() || recorded
		}
		in.batch[in.waiting], in.batchLines[in.waiting] = *sample, in.decoder.Line()
		in.waiting++
	}
}

// record records the batch, and reports whether one of its samples was recorded.
func (in *intake) record() (recorded bool) {
	n := in.waiting
	if n == 0 {
		return false
	}
	in.shard.RecordBatch(in.batch[:n], in.reasons[:n])
	in.waiting = 0
	if in.sampleLog != nil && in.sampleLog.isOn.Load() {
		in.sampleLog.add(in, n)
	}
	for i := range n {
		recorded = in.outcome(in.reasons[i], &in.batch[i], in.batchLines[i]) || recorded
	}
	return recorded
}

// outcome counts a sample by its outcome, and reports whether it was recorded.
func (in *intake) outcome(reason protocol.Reason, sample *protocol.Sample, line []byte) bool {
	in.tally.Outcomes[reason]++
	if reason == protocol.ReasonNone {
		in.tally.Recorded[sample.Kind]++
		return true
	}
	in.keepRejected(reason, sample, line)
	return false
}

// tell tells the tap why samples of a line were not recorded.
func (in *intake) tell(reason protocol.Reason, samples, offset int, line []byte) {
	if reason != protocol.ReasonDropped || in.lane.IsWatched() { // a rule may drop many
		in.lane.Rejected(in.peer(), reason, samples, offset, line)
	}
}

// lost counts and keeps a line that never reaches the decoder.
func (in *intake) lost(reason protocol.Reason, offset int, line []byte) {
	in.tally.reject(reason)
	in.lane.Lost(in.peer(), in.listener, reason, offset, line)
	in.keepReject(reason, offset, line)
}

// keepReject keeps a line that was rejected, whole or in part, unless many lines were.
func (in *intake) keepReject(reason protocol.Reason, offset int, line []byte) {
	if in.wantsReject(reason, line) {
		in.keep(Reject{Reason: reason, Offset: offset}, line)
	}
}

// keepRejected is keepReject for a sample that the shard rejected, of which it tells the tap.
func (in *intake) keepRejected(reason protocol.Reason, sample *protocol.Sample, line []byte) {
	in.tell(reason, 1, 0, line)
	if !in.wantsReject(reason, line) {
		return
	}
	reject := Reject{Reason: reason}
	if reason == protocol.ReasonTypeConflict {
		reject.Detail = in.shard.Conflict(sample)
	}
	in.keep(reject, line)
}

func (in *intake) wantsReject(reason protocol.Reason, line []byte) bool {
	return in.rejects != nil && in.rejects.wants(reason, line)
}

func (in *intake) keep(reject Reject, line []byte) {
	peer := in.peer()
	reject.Listener, reject.Sender, reject.PID = in.listener, peer.String(), peer.PID
	reject.Program = in.lane.Program(peer)
	in.rejects.add(reject, line)
}

// peer returns who sent the current bytes, as far as that is known.
func (in *intake) peer() (peer tap.Peer) {
	if in.sender != nil {
		peer.Address, peer.PID = in.sender.Peer()
	}
	return peer
}

// sender knows who sent the current bytes: a connection, or a batch of datagrams.
type sender interface {
	// Peer returns an address, or a process in case of a unix socket; zero values when that is not known.
	Peer() (address netip.AddrPort, process int32)
}

// from sets where the next bytes came to, and who sent them.
func (in *intake) from(listener string, by sender) { in.listener, in.sender = listener, by }

// recover counts a panic, and the samples that it lost.
func (in *intake) recover() {
	cause := recover()
	if cause == nil {
		return
	}
	in.tally.Panics++
	in.waiting = 0
	lost := in.tally.Samples - in.outcomes() // the samples of the batch, and the one being decoded
	if lost == 0 {
		lost = 1 // it happened before the first sample
		in.tally.Samples++
	}
	in.tally.Outcomes[protocol.ReasonInternal] += lost
	if !in.panicked { // only the first is logged; all are counted
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

// publish ends a batch: it publishes the counts, and hands the lines to be relayed over.
func (in *intake) publish() {
	in.published.publish(&in.tally)
	in.lane.Publish()
	if in.relay != nil {
		in.relay.Flush()
	}
}
