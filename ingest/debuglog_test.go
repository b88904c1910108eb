package ingest_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/ingest"
	"weir/internal/poll"
)

// sharedLog is a log that several goroutines write.
type sharedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *sharedLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *sharedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Samples are logged while LogSamples is on, at most so many; gnet's messages are logged once for all loops.
func TestLogSamples(t *testing.T) {
	var log sharedLog
	o := ingest.DefaultOptions()
	o.UDP, o.TCP, o.Loops = []string{"127.0.0.1:0"}, nil, 4
	s := ingest.NewServer(o, aggregate.New(aggregate.DefaultOptions()), zerolog.New(&log))
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	udp, err := net.Dial("udp", addresses(s, "udp")[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	taken := uint64(0)
	send := func(lines string) {
		t.Helper()
		if _, err := io.WriteString(udp, lines); err != nil {
			t.Fatal(err)
		}
		taken += uint64(strings.Count(lines, "\n"))
		poll.Within(t, 10*time.Second, func() error {
			stats := s.Stats()
			if got := stats.Total().Ledger.Lines; got != taken {
				return fmt.Errorf("%d lines were taken, want %d", got, taken)
			}
			return nil
		})
	}
	send("off:1|c\n")
	s.LogSamples(true)
	send("on:1|c|#a:b\non:1|g\n")
	send(strings.Repeat("flood:1|c\n", 100))
	s.LogSamples(false)
	send("off:1|c\n")

	for _, want := range []string{`"line":"on:1|c|#a:b","series":"on{a=\"b\"}","type":"counter"`, `"line":"on:1|g","reason":"type_conflict"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in\n%s", want, &log)
		}
	}
	if strings.Contains(log.String(), `"line":"off`) || strings.Count(log.String(), `"a sample"`) > 20 {
		t.Errorf("the log has samples while it is off, or too many:\n%s", &log)
	}
	if got := strings.Count(log.String(), "gnet: Launching"); got != 1 {
		t.Errorf("gnet's start is logged %d times for 4 loops, want 1", got)
	}
}
