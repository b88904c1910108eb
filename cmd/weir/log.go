package main

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"weir/aggregate"
	"weir/cmd/weir/explain"
	"weir/config"
)

// logLevel is the lowest level that is logged. Any goroutine may change it. A zerolog.Logger has its level in
// the value, of which every package has a copy, so a reload could not change it there; a hook is shared.
type logLevel struct{ lowest atomic.Int32 }

// isDebug reports whether name is the level at which samples and new series are logged.
func isDebug(name string) bool { return name == zerolog.LevelDebugValue }

// set makes name, which must be valid, the lowest level.
func (l *logLevel) set(name string) {
	level, err := zerolog.ParseLevel(name)
	if err != nil {
		panic("BUG: log.level passed the configuration: " + err.Error())
	}
	l.lowest.Store(int32(level))
}

// Run implements zerolog.Hook: it discards events below the level.
func (l *logLevel) Run(e *zerolog.Event, level zerolog.Level, _ string) {
	if int32(level) < l.lowest.Load() {
		e.Discard()
	}
}

// newLogger returns a logger as c, which must be valid, configures it, and its level, which may change later.
// Only terminals get colours.
func newLogger(c config.Log, w io.Writer) (zerolog.Logger, *logLevel) {
	switch c.Format {
	case config.FormatJSON:
		w = printableJSON{w}
	case config.FormatConsole:
		w = zerolog.ConsoleWriter{
			Out: w, TimeFormat: time.RFC3339, NoColor: !isTerminal(w),
			FieldsOrder: []string{"line", "refused", "full", "most"}, // of what people look for first
		}
	case config.FormatLogfmt:
		w = newLogfmt(w)
	}
	level := &logLevel{}
	level.set(c.Level)
	return zerolog.New(w).Hook(level).With().Timestamp().Logger(), level
}

// printableJSON writes lines of JSON with an escape for each character that a terminal would act on: zerolog
// leaves C1 controls and bidirectional overrides as they are, and senders choose names.
type printableJSON struct{ io.Writer }

// Write writes one line.
func (w printableJSON) Write(line []byte) (int, error) {
	if !slices.ContainsFunc(line, func(b byte) bool { return b >= 0x7f }) { // Fast path: nearly all.
		return w.Writer.Write(line)
	}
	text := explain.PrintableJSON(bytes.TrimSuffix(line, []byte("\n"))) + "\n"
	if _, err := io.WriteString(w.Writer, text); err != nil {
		return 0, err //nolint:wrapcheck // a writer has the errors of the one below
	}
	return len(line), nil
}

// creationsPerSecond is how many new series are logged per second at debug level.
const creationsPerSecond = 100

// logCreations returns what logs new series at debug level. Any goroutine may call it.
func logCreations(log zerolog.Logger) func(*aggregate.Creation) {
	limit := rate.NewLimiter(creationsPerSecond, creationsPerSecond)
	var leftOut atomic.Uint64
	return func(c *aggregate.Creation) {
		if !limit.Allow() {
			leftOut.Add(1)
			return
		}
		event := log.Debug().Str("sent", c.Sent).Str("name", c.Family).Str("series", c.Series).
			Stringer("type", c.Type)
		if n := leftOut.Swap(0); n > 0 {
			event.Uint64("left_out", n)
		}
		event.Msg("a new series")
	}
}

// newLogfmt writes time=... level=info msg="..." key=value, as statsd_exporter does.
func newLogfmt(w io.Writer) io.Writer {
	return zerolog.ConsoleWriter{
		Out: w, NoColor: true,
		FormatLevel: func(level any) string {
			name, _ := level.(string)
			return "level=" + name
		},
		FormatMessage: func(message any) string {
			text, _ := message.(string)
			return "msg=" + strconv.Quote(text)
		},
		FormatTimestamp: func(at any) string {
			text, _ := at.(string)
			return "time=" + text
		},
	}
}

// isTerminal reports whether w is a character device: a terminal, not a file or a pipe.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
