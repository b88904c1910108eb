package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest"
	"weir/protocol"
)

// A loss is warned about at once, then at most once a minute, with what came since; and at the end.
func TestWatchWarnsOnceAMinute(t *testing.T) {
	o := aggregate.DefaultOptions()
	o.Limits.MaxTotalSeries = 1
	registry := aggregate.New(o)
	shard := registry.NewShard()
	record := func(name string, kind protocol.Kind, value float64) {
		shard.Record(&protocol.Sample{Name: []byte(name), Kind: kind, Value: value, Rate: 1})
	}
	var log bytes.Buffer
	w := newWatch(registry, ingest.NewServer(ingest.DefaultOptions(), registry, zerolog.Nop()), zerolog.New(&log))
	now := time.Unix(1_700_000_000, 0)
	after := func(d time.Duration, want ...string) {
		t.Helper()
		log.Reset()
		now = now.Add(d)
		w.tick(now)
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
	w.last()
	if !strings.Contains(log.String(), "infinite") {
		t.Errorf("the last look says nothing: %s", &log)
	}
}

var zero float64
