package tail

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"weir/cmd/weir/explain"
	"weir/expose/status/wire"
)

// Write writes a line in one of the Formats, with an escape for each character that a terminal would act on.
func Write(w io.Writer, l *wire.Line, format string) error {
	var err error
	switch format {
	case "json":
		err = writeJSON(w, l)
	case "logfmt":
		_, err = io.WriteString(w, logfmt(l)+"\n")
	default:
		_, err = io.WriteString(w, raw(l)+"\n")
	}
	return err
}

// raw returns the line as it was sent and, when a part of it was not recorded, why.
func raw(l *wire.Line) string {
	text := explain.Printable(l.Line)
	if l.LineTruncated {
		text += "…"
	}
	if l.Reason != "" {
		text += "  # " + explain.Printable(l.Reason)
	}
	return text
}

func logfmt(l *wire.Line) string {
	var b strings.Builder
	add := func(key, value string) {
		if value == "" {
			return
		}
		if strings.ContainsAny(value, " =\"\\") || explain.Printable(value) != value {
			value = strconv.Quote(value)
		}
		fmt.Fprintf(&b, " %s=%s", key, value)
	}
	add("time", time.UnixMilli(int64(l.At*1000)).UTC().Format("2006-01-02T15:04:05.000Z"))
	add("line", l.Line)
	if l.LineTruncated {
		add("truncated", "true")
	}
	add("reason", l.Reason)
	if l.Reason != "" {
		add("offset", strconv.Itoa(l.Offset))
	}
	add("listener", l.Listener)
	add("sender", l.Sender)
	add("program", l.Program)
	return strings.TrimPrefix(b.String(), " ")
}

// writeJSON writes a line as JSON.
func writeJSON(w io.Writer, l *wire.Line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err = io.WriteString(w, explain.PrintableJSON(text)+"\n")
	return err
}
