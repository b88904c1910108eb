package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"weir/bench/process"
)

// sendLines sends lines to weir over TCP.
func sendLines(t *testing.T, w *process.Process, lines string) {
	t.Helper()
	conn, err := net.Dial("tcp", w.TCP)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(conn, lines)
	if err = errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
}

// awaitExposed waits until weir exposes a text.
func awaitExposed(t *testing.T, w *process.Process, text string) {
	t.Helper()
	err := w.Poll(t.Context(), func(ctx context.Context) error {
		page, err := w.ScrapeText(ctx)
		if err == nil && !bytes.Contains(page, []byte(text)) {
			err = fmt.Errorf("the lines are not there yet:\n%s", page)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A running weir tells the type of a name, and the series that stand in front of a limit.
func TestExplainAsksRunningWeir(t *testing.T) {
	limit := "--cardinality.max_series_per_metric=2"
	w := startWeir(t, limit, "--cache.ttl=0s")
	sendLines(t, w, "web.hits:5|c\nmany:1|c|#a:1\ntimes:1|ms\nmany:1|c|#a:2\n")
	awaitExposed(t, w, `many{a="2"} 1`)
	f := func(code int, want string, args ...string) {
		t.Helper()
		var out, failures bytes.Buffer
		got := run(append([]string{"explain", limit}, args...), &out, &failures)
		if got != code || !strings.Contains(out.String()+failures.String(), want) {
			t.Errorf("explain %q = %d, want %d and %q in\n%s%s", args, got, code, want, &out, &failures)
		}
	}
	url := "--url=http://" + w.HTTP
	f(0, "series    web_hits (gauge)", "web.hits:1|g") // not asked
	f(1, "rejected  type_conflict: web_hits is a counter in the running weir; a gauge was sent", url, "web.hits:1|g")
	f(0, "series    web_hits (counter)", url, "web.hits:1|c")
	f(0, "series    times (histogram)", url, "times:1|ms")
	f(1, "rejected  type_conflict", url, "times:1|c")
	f(0, `series    many{a="1"} (counter)`, url, "many:1|c|#a:1")
	f(1, "rejected  max_series_per_metric: ", url, "many:1|c|#a:3")
	f(1, "many has 2 series in the running weir", url, "many:1|c|#a:3")
	f(0, "series    many", url, "many:1|c|#a:3", "--cardinality.overflow_action=fold")
	f(1, "rejected  max_total_series", url, "new:1|c", "--cardinality.max_total_series=4")
	f(0, "series    new (counter)", url, "new:1|c")
	f(1, "bad_value", url, "new:x|c")
	f(1, "404", url+"/nothing", "new:1|c")
	f(1, "want a URL", "--url="+w.HTTP, "new:1|c")
	f(1, "ask the running weir: ", "--url=http://127.0.0.1:1", "new:1|c")
	if got := run([]string{"explain", "--json", url, "web.hits:1|g"}, io.Discard, io.Discard); got != 1 {
		t.Errorf("explain --json --url = %d, want 1", got)
	}
}
