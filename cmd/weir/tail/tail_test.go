package tail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"weir/cmd/weir/api"
	"weir/cmd/weir/tail"
	"weir/expose/status/wire"
)

// script answers the questions one after the other; an empty one is that of a proxy whose weir is gone.
func script(t *testing.T, answers ...string) (c *api.Client, questions *[]string) {
	t.Helper()
	questions = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := len(*questions)
		*questions = append(*questions, r.URL.RawQuery)
		switch {
		case i >= len(answers):
			<-r.Context().Done()
		case answers[i] == "":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			if strings.Contains(answers[i], `"error"`) {
				w.WriteHeader(http.StatusForbidden)
			}
			fmt.Fprint(w, answers[i])
		}
	}))
	t.Cleanup(server.Close)
	c, err := api.New(api.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return c, questions
}

// lines is an answer with these lines.
func lines(since, skipped int, list ...string) string {
	answer := wire.Tail{Lines: []wire.Line{}, Since: uint64(since), Skipped: uint64(skipped)}
	for _, line := range list {
		answer.Lines = append(answer.Lines, wire.Line{Sent: wire.Sent{Line: line, Sender: "127.0.0.1:4000"}})
	}
	text, _ := json.Marshal(wire.Envelope[wire.Tail]{Status: "success", Data: answer})
	return string(text)
}

func TestLimit(t *testing.T) {
	c, questions := script(t, lines(7, 0, "a:1|c"), lines(9, 3, "b:1|c"), lines(10, 0, "c:1|c", "d:1|c"))
	var out, notes bytes.Buffer
	o := tail.Options{Match: "a*", Sender: "pid 7", Rejected: true, Limit: 3, Format: "raw"}
	if err := tail.Run(t.Context(), c, &o, &out, &notes); err != nil {
		t.Fatal(err)
	}
	if out.String() != "a:1|c\nb:1|c\nc:1|c\n" || !strings.HasPrefix(notes.String(), "weir tail: 3 lines were left out") ||
		strings.Count(notes.String(), "left out") != 1 {
		t.Errorf("%s%s", &out, &notes)
	}
	if got := (*questions)[0]; got != "limit=500&match=a%2A&rejected=1&sender=pid+7&wait=2s" {
		t.Error(got)
	}
	if got := (*questions)[1]; !strings.Contains(got, "since=7") {
		t.Error(got)
	}
}

// A restart of weir ends nothing: tail begins again, and says so.
func TestRestart(t *testing.T) {
	c, questions := script(t, lines(7, 0, "a:1|c"), "", lines(1, 0, "b:1|c"))
	var out, notes bytes.Buffer
	if err := tail.Run(t.Context(), c, &tail.Options{Limit: 2, Format: "raw"}, &out, &notes); err != nil {
		t.Fatal(err)
	}
	if out.String() != "a:1|c\nb:1|c\n" || !strings.Contains(notes.String(), "trying again") || strings.Contains((*questions)[2], "since") {
		t.Errorf("%s%s%q", &out, &notes, *questions)
	}
}

// Without a weir, or when the API is closed, it ends at once and says why.
func TestClosed(t *testing.T) {
	c, _ := script(t, `{"status":"error","errorType":"forbidden","error":"endpoint.status is loopback"}`)
	var out, notes bytes.Buffer
	err := tail.Run(t.Context(), c, &tail.Options{Format: "raw"}, &out, &notes)
	if err == nil || !strings.Contains(err.Error(), "endpoint.status is loopback") {
		t.Error(err)
	}
	gone, _ := script(t, "")
	if err := tail.Run(t.Context(), gone, &tail.Options{Format: "raw"}, &out, &notes); err == nil {
		t.Error("a server that is gone is no error")
	}
}

// Ctrl-C ends it without an error.
func TestCancel(t *testing.T) {
	c, _ := script(t, lines(1, 0, "a:1|c"))
	ctx, cancel := context.WithCancel(t.Context())
	var out, notes bytes.Buffer
	ended := make(chan error)
	go func() { ended <- tail.Run(ctx, c, &tail.Options{Format: "raw"}, &out, &notes) }()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestFormats(t *testing.T) {
	line := wire.Line{
		Seq: 7, At: 1795591656.5, Reason: "type_conflict", Offset: 4, Sent: wire.Sent{
			Line: "a b:1|c|#k:\x1b[2J\u202e", Listener: "udp://127.0.0.1:9125", Sender: "127.0.0.1:4000", LineTruncated: true,
		},
	}
	for format, want := range map[string]string{
		"raw": `a b:1|c|#k:\x1b[2J\u202e…  # type_conflict` + "\n",
		"logfmt": `time=2026-11-25T07:27:36.500Z line="a b:1|c|#k:\x1b[2J\u202e" truncated=true reason=type_conflict offset=4 ` +
			"listener=udp://127.0.0.1:9125 sender=127.0.0.1:4000\n",
	} {
		var out bytes.Buffer
		if err := tail.Write(&out, &line, format); err != nil || out.String() != want {
			t.Errorf("%s: %s, want %s", format, &out, want)
		}
	}
	var out bytes.Buffer
	var back wire.Line
	if err := tail.Write(&out, &line, "json"); err != nil || json.Unmarshal(out.Bytes(), &back) != nil || back != line {
		t.Errorf("%s: %+v", &out, back)
	}
}

// No character that a terminal acts on gets through, whatever was sent, in any format.
func TestHostileLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := wire.Line{Sent: wire.Sent{
			Line: rapid.String().Draw(t, "line"), Program: rapid.String().Draw(t, "program"), Sender: rapid.String().Draw(t, "sender"),
		}, Reason: rapid.String().Draw(t, "reason")}
		for _, format := range tail.Formats {
			var out bytes.Buffer
			if err := tail.Write(&out, &line, format); err != nil {
				t.Fatal(err)
			}
			text := strings.TrimSuffix(out.String(), "\n")
			for _, r := range text {
				if !unicode.IsPrint(r) {
					t.Fatalf("%s writes %q in %q", format, r, text)
				}
			}
			var back wire.Line
			if format == "json" && (json.Unmarshal(out.Bytes(), &back) != nil || back != line) {
				t.Fatalf("%s is not %+v", text, line)
			}
		}
	})
}

func TestMistakes(t *testing.T) {
	for want, o := range map[string]tail.Options{
		"--format: \"xml\": want raw, logfmt or json": {Format: "xml"},
		"--limit: -1":    {Format: "raw", Limit: -1},
		"--interval: -1": {Format: "raw", Interval: -1},
	} {
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := (&tail.Options{Format: "json"}).Validate(); err != nil {
		t.Error(err)
	}
}

func ExampleWrite() {
	_ = tail.Write(os.Stdout, &wire.Line{Sent: wire.Sent{Line: "a:x|c\x07"}, Reason: "bad_value"}, "raw")
	// Output: a:x|c\a  # bad_value
}
