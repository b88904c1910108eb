package main_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/expose/status/wire"
)

// ask asks weir's API, and returns the answer and its JSON.
func ask[T any](t *testing.T, w *weir, path string) (answer T, text []byte) {
	t.Helper()
	text, err := w.Get(t.Context(), "/api/v1/"+path, "identity")
	if err != nil {
		t.Fatal(err)
	}
	envelope := struct {
		Status string
		Data   *T
	}{Data: &answer}
	if err := json.Unmarshal(text, &envelope); err != nil || envelope.Status != "success" {
		t.Fatalf("%s: %v: %.500q", path, err, text)
	}
	return answer, text
}

// What senders do is told by the API: lines as they come, exact counts, rejects, whatever bytes they send.
func (e e2e) testLines(t *testing.T) {
	t.Run("counts", e.testSenderCounts)
	t.Run("hostile", e.testHostileLines)
	t.Run("process", e.testSenderProcess)
	t.Run("viewers", e.testViewers)
	t.Run("rates", e.testRates)
}

// Counts by sender are what was sent, over UDP and TCP.
func (e e2e) testSenderCounts(t *testing.T) {
	w := e.startWeir(t)
	ask[wire.Senders](t, w, "senders")
	udp, tcp := w.dial(t, "udp"), w.dial(t, "tcp")
	const datagrams = 300
	for i := range datagrams {
		send(t, udp, fmt.Sprintf("a:1|c|#n:%d\nb:1:2|ms\nbad\n", i%7))
		w.awaitTaken(t, i+1)
		send(t, tcp, "c:1|c\nc:x")
		send(t, tcp, "|c\n")
	}
	eventually(t, func() error {
		answer, _ := ask[wire.Senders](t, w, "senders?sort=name")
		got := make(map[string]wire.Sender)
		for _, s := range answer.Senders {
			got[s.Transport] = s
		}
		u, c := got["udp"], got["tcp"]
		switch {
		case u.Sender != "127.0.0.1" || u.Lines != 3*datagrams || u.Samples != 4*datagrams || u.Rejected != datagrams ||
			u.RejectReasons["malformed_line"] != datagrams || u.SeriesCreated != 8 || u.Addresses != 1:
			return fmt.Errorf("over UDP: %+v", u)
		case c.Lines != 2*datagrams || c.Samples != 2*datagrams || c.RejectReasons["bad_value"] != datagrams || c.SeriesCreated != 1:
			return fmt.Errorf("over TCP: %+v", c)
		case answer.Total != 2 || answer.Others != 0 || answer.Since == 0:
			return fmt.Errorf("%+v", answer)
		}
		return nil
	})
}

// Lines that do harm to whoever shows them carelessly come as JSON that is right, and bounded.
func (e e2e) testHostileLines(t *testing.T) {
	w := e.startWeir(t)
	lines := []string{
		"<script>alert(1)</script>:1|c", "</td><img src=x onerror=alert(1)>:x|c", "a\x1b[2J\x07\x00:1|c", "\u202egnp\u2066:1|c",
		"\xff\xfe\x80:1|c", "a:1|c|#k:\"'&\u2028", strings.Repeat("x", 8100) + ":1|c", strings.Repeat("\xff", 8100) + ":x|c",
	}
	tail, _ := ask[wire.Tail](t, w, "tail")
	send(t, w.dial(t, "tcp"), strings.Join(lines, "\n")+"\n")
	var got []wire.Line
	eventually(t, func() error {
		var text []byte
		tail, text = ask[wire.Tail](t, w, fmt.Sprintf("tail?wait=1s&since=%d", tail.Since))
		if !utf8.Valid(text) || strings.ContainsAny(string(text), "<>\x1b\x07\u2028") || len(text) > 20_000 {
			return fmt.Errorf("%d bytes of JSON: %.500q", len(text), text)
		}
		if got = append(got, tail.Lines...); len(got) < len(lines) {
			return fmt.Errorf("%d live lines, want %d", len(got), len(lines))
		}
		return nil
	})
	for i, line := range got {
		isWhole := !line.LineTruncated && !line.LineEscaped
		if isWhole && line.Line != lines[i] || !isWhole && len(lines[i]) < 1024 && utf8.ValidString(lines[i]) {
			t.Errorf("%.100q came as %.100q", lines[i], line.Line)
		}
	}
	if got[1].Reason != "bad_value" || got[1].Offset != strings.Index(lines[1], "x|c") {
		t.Errorf("a rejected line: %+v", got[1])
	}
	rejects, text := ask[wire.Rejects](t, w, "rejects?reason=bad_value")
	if len(rejects.Rejects) != 2 || !utf8.Valid(text) || len(text) > 10_000 || !rejects.Rejects[0].LineTruncated ||
		rejects.Rejects[1].Line != lines[1] || rejects.Rejects[1].Advice == "" {
		t.Errorf("rejects: %.2000s", text)
	}
}

// Who sends over a unix socket is told by its process and its program.
func (e e2e) testSenderProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	dir, err := os.MkdirTemp("", "weir") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	w := e.startWeir(t, "--ingest.unixgram="+path)
	tail, _ := ask[wire.Tail](t, w, "tail")
	client, err := net.Dial("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	send(t, client, "a:1|c\na:x|c")
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	pid, program := int32(os.Getpid()), strings.TrimSpace(string(comm))
	tail, _ = ask[wire.Tail](t, w, fmt.Sprintf("tail?wait=2s&since=%d&sender=%s", tail.Since, url.QueryEscape(program)))
	send(t, client, "b:1|c")
	eventually(t, func() error {
		tail, _ = ask[wire.Tail](t, w, fmt.Sprintf("tail?wait=1s&since=%d&sender=%s", tail.Since, url.QueryEscape(program)))
		if len(tail.Lines) != 1 || tail.Lines[0].PID != pid || tail.Lines[0].Program != program || tail.Lines[0].Line != "b:1|c" {
			return fmt.Errorf("live lines of %s: %+v", program, tail.Lines)
		}
		return nil
	})
	senders, _ := ask[wire.Senders](t, w, "senders")
	if s := senders.Senders[0]; s.PID != pid || s.Program != program || s.Transport != "unixgram" || s.Lines != 3 {
		t.Errorf("senders: %+v, want %d lines of %s", senders, 3, program)
	}
	rejects, _ := ask[wire.Rejects](t, w, "rejects")
	if len(rejects.Rejects) != 1 || rejects.Rejects[0].PID != pid || rejects.Rejects[0].Program != program {
		t.Errorf("rejects: %+v", rejects)
	}
}

// Eight viewers see the same lines; one more is told what to do.
func (e e2e) testViewers(t *testing.T) {
	w := e.startWeir(t)
	var since [8]uint64
	for i := range since {
		tail, _ := ask[wire.Tail](t, w, "tail?match=a*")
		since[i] = tail.Since
	}
	if _, err := w.get("/api/v1/tail"); err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "eight viewers") {
		t.Errorf("one viewer more: %v", err)
	}
	send(t, w.dial(t, "udp"), "a:1|c\nb:1|c")
	for i := range since {
		tail, _ := ask[wire.Tail](t, w, fmt.Sprintf("tail?match=a*&wait=2s&since=%d", since[i]))
		if len(tail.Lines) != 1 || tail.Lines[0].Line != "a:1|c" || tail.Seen != 2 || tail.Skipped != 0 {
			t.Errorf("viewer %d: %+v", i, tail)
		}
	}
}

// With little traffic the rates of families and series are exact.
func (e e2e) testRates(t *testing.T) {
	w := e.startWeir(t)
	udp := w.dial(t, "udp")
	ask[wire.Families](t, w, "families")
	eventually(t, func() error {
		for range 10 {
			send(t, udp, "a.b:1|c|#k:v\na.b:1:2|c|#k:w")
		}
		families, _ := ask[wire.Families](t, w, "families?sort=rate")
		if len(families.Families) != 1 || families.Families[0].SamplesPerSecond == nil || *families.Families[0].SamplesPerSecond == 0 {
			return fmt.Errorf("no rate: %+v", families)
		}
		f := families.Families[0]
		if !families.Estimated || families.Sample != "every line" || len(f.Senders) != 1 || f.Senders[0].Address != "127.0.0.1" {
			t.Errorf("families: %+v", families)
		}
		return nil
	})
}
