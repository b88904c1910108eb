package losses_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/cmd/weir/losses"
	"weir/ingest"
	"weir/ingest/dgram"
	"weir/protocol"
)

// fixture is a Log with a registry of its own, and an ingest whose counts the test sets.
type fixture struct {
	*losses.Log

	registry *aggregate.Registry
	shard    *aggregate.Shard
	from     *counts
	output   bytes.Buffer
}

// counts is an ingest that was made up.
type counts struct {
	stats   ingest.Stats
	rejects []ingest.Reject // the oldest first
	kept    int             // how many of them Rejects returns
}

func (c *counts) Stats() ingest.Stats { return c.stats }

func (c *counts) Rejects() []ingest.Reject {
	list := slices.Clone(c.rejects[max(0, len(c.rejects)-c.kept):])
	slices.Reverse(list)
	return list
}

func newFixture(change func(*aggregate.Options)) *fixture {
	o := aggregate.DefaultOptions()
	if change != nil {
		change(&o)
	}
	f := &fixture{registry: aggregate.New(o), from: &counts{kept: 256}}
	f.shard = f.registry.NewShard()
	f.from.stats.Transports = []ingest.TransportStats{{Name: "udp"}}
	f.Log = losses.New(f.registry, f.from, zerolog.New(&f.output))
	return f
}

// record records the samples of lines that are right.
func (f *fixture) record(t *testing.T, lines string) {
	t.Helper()
	decoder := protocol.Decoder{MaxLine: 1000}
	decoder.Reset([]byte(lines))
	for decoder.Next() {
		sample, err := decoder.Sample()
		if err != nil {
			t.Fatalf("%q: %v", lines, err)
		}
		f.shard.Record(sample)
	}
}

// reject counts a rejected sample, and keeps its line unless it is empty.
func (f *fixture) reject(reject ingest.Reject) {
	f.from.stats.Transports[0].Ledger.Outcomes[reject.Reason]++
	if reject.Line == "" {
		return
	}
	reject.Seq = uint64(len(f.from.rejects)) + 1
	f.from.rejects = append(f.from.rejects, reject)
}

// drop makes the kernel drop datagrams of a listener.
func (f *fixture) drop(listener string, datagrams uint64) {
	sockets := &f.from.stats.Transports[0].Sockets
	*sockets = append(*sockets, dgram.SocketStats{Listener: listener, KernelDrops: datagrams})
}

// entry is a line of the log.
type entry struct {
	Message, Line, Reason, Listener, Sender, Refused, Full, Most, Gauge string

	LeftOut                   int64 `json:"left_out"`
	Samples, Datagrams, Names int64
	MaxSeriesPerMetric        int `json:"max_series_per_metric"`
	MaxTotalSeries            int `json:"max_total_series"`
}

// entries returns the lines of the log since the last call.
func (f *fixture) entries(t *testing.T) (list []entry) {
	t.Helper()
	for line := range bytes.Lines(f.output.Bytes()) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		list = append(list, e)
	}
	f.output.Reset()
	return list
}

// tick looks once, and returns what is new in the log.
func (f *fixture) tick(t *testing.T) []entry {
	t.Helper()
	f.Tick()
	return f.entries(t)
}
