package expose_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"weir/aggregate"
	"weir/expose"
	"weir/internal/poll"
)

// lineLog keeps the lines that are logged.
type lineLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *lineLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(line))
	return len(line), nil
}

// with returns the lines that have message.
func (l *lineLog) with(message string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, message) {
			found = append(found, line)
		}
	}
	return found
}

// At debug level the log has scrapes and errors, some of them in each second.
func TestDebugLog(t *testing.T) {
	o := expose.DefaultOptions()
	o.Endpoint.Listen = "127.0.0.1:0"
	var log lineLog
	registry := aggregate.New(aggregate.DefaultOptions())
	x := &target{
		Server: expose.NewServer(o, registry, nothing, expose.Observers{}, zerolog.New(&log)), registry: registry,
		shard: registry.NewShard(),
	}
	x.record(t, "a:1|c\n")
	x.start(t)
	get := func(path string) {
		t.Helper()
		response, err := http.Get("http://" + x.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close() // only the log matters
	}
	get("/metrics")
	get("/nothing?token=secret")
	poll.Within(t, 10*time.Second, func() error {
		if scrapes, errs := log.with(`"a scrape"`), log.with("got an error"); len(scrapes) != 1 || len(errs) != 1 {
			return fmt.Errorf("%q and %q, want a line of each", scrapes, errs)
		}
		return nil
	})
	var entry struct {
		Level, From, Format, Duration string
		Status, Bytes                 int
		Gzip                          bool
		PlainBytes                    int `json:"plain_bytes"`
	}
	line := log.with(`"a scrape"`)[0]
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		t.Fatal(err)
	}
	if entry.Level != "debug" || entry.Status != 200 || !strings.HasPrefix(entry.Format, "text/plain; version=0.0.4") ||
		entry.Bytes == 0 || entry.PlainBytes == 0 || entry.Duration == "" || !strings.HasPrefix(entry.From, "127.0.0.1:") {
		t.Errorf("a scrape is logged as %s", line)
	}
	failed := log.with("got an error")[0]
	if !strings.Contains(failed, `"status":404`) || !strings.Contains(failed, `"path":"/nothing"`) || strings.Contains(failed, "secret") {
		t.Errorf("an error is logged as %s", failed)
	}
	for range 30 {
		get("/nothing")
	}
	if got := len(log.with("got an error")); got > 21 { // a second may have passed
		t.Errorf("%d errors are logged, want about ten a second", got)
	}
}
