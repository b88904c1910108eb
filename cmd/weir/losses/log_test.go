package losses_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/cmd/weir/losses"
	"weir/ingest"
	"weir/protocol"
)

// A loss is in the log at once, then at most once a minute with the count since; and at the end.
func TestWarnsOnceAMinute(t *testing.T) {
	synctest.Test(t, testWarnsOnceAMinute)
}

func testWarnsOnceAMinute(t *testing.T) {
	o := aggregate.DefaultOptions()
	o.Limits.MaxTotalSeries = 1
	registry := aggregate.New(o)
	shard := registry.NewShard()
	record := func(name string, kind protocol.Kind, value float64) {
		shard.Record(&protocol.Sample{Name: []byte(name), Kind: kind, Value: value, Rate: 1})
	}
	var log bytes.Buffer
	l := losses.New(registry, ingest.NewServer(ingest.DefaultOptions(), registry, zerolog.Nop()), zerolog.New(&log))
	after := func(d time.Duration, want ...string) {
		t.Helper()
		log.Reset()
		time.Sleep(d)
		l.Tick()
		if got := strings.Count(log.String(), "\n"); got != len(want) {
			t.Errorf("%d warnings, want %d: %s", got, len(want), &log)
		}
		for _, part := range want {
			if !strings.Contains(log.String(), part) {
				t.Errorf("no %q in %s", part, &log)
			}
		}
	}
	after(0)
	record("kept", protocol.KindGauge, 1)
	after(time.Second)
	record("more", protocol.KindCounter, 1)
	record("more", protocol.KindCounter, 1)
	after(time.Second, `"metric":"more","samples":2,"limit":"max_total_series","most":1,"message"`)
	record("more", protocol.KindCounter, 1)
	after(58 * time.Second)
	record("more", protocol.KindCounter, 1)
	after(2*time.Second, `"samples":2`)
	after(2 * time.Minute)
	record("kept", protocol.KindGauge, 1/zero)
	after(time.Second, "infinite")
	record("kept", protocol.KindGauge, 1/zero)
	log.Reset()
	l.Last()
	if !strings.Contains(log.String(), "infinite") {
		t.Errorf("no warning at the end: %s", &log)
	}
}

var zero float64
