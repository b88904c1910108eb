package main_test

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"weir/bench/process"
)

func (e e2e) testLog(t *testing.T) {
	t.Run("first line", e.testLogFirstLine)
	t.Run("two ports", e.testTwoPorts)
	t.Run("every mistake at once", e.testLogEveryMistake)
	t.Run("flood", e.testLogFlood)
	t.Run("other protocols", e.testLogOtherProtocols)
	t.Run("culprits", e.testLogCulprits)
	t.Run("infinite gauge", e.testLogInfiniteGauge)
	t.Run("changed names", e.testLogChangedNames)
	t.Run("debug", e.testLogDebug)
}

// warning is a line of the log that warns.
type warning struct {
	Level, Message, Line, Reason, Sender, Refused, Full, Most, Gauge string

	LeftOut int64 `json:"left_out"`
}

// warnings returns the warnings in the log of weir.
func (w *weir) warnings(t *testing.T) (list []warning) {
	t.Helper()
	for line := range strings.Lines(w.Log()) {
		var entry warning
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Level == "warn" && !strings.Contains(entry.Message, "receive buffer") {
			list = append(list, entry)
		}
	}
	return list
}

// awaitWarning waits until a warning has text in its message or as its line, and returns the last such.
func (w *weir) awaitWarning(t *testing.T, text string) (found warning) {
	t.Helper()
	eventually(t, func() error {
		for _, entry := range w.warnings(t) {
			if strings.Contains(entry.Message, text) || entry.Line == text {
				found = entry
			}
		}
		if found == (warning{}) {
			return fmt.Errorf("no warning with %q in\n%s", text, w.Log())
		}
		return nil
	})
	return found
}

// The first line says where to send lines and where to look, and who reaches that.
func (e e2e) testLogFirstLine(t *testing.T) {
	f := func(want string, flags ...string) {
		t.Helper()
		w := e.startWeir(t, flags...)
		first, _, _ := strings.Cut(w.Log(), "\n")
		if !strings.Contains(first, strings.NewReplacer("UDP", w.UDP, "TCP", w.TCP, "PORT", fmt.Sprint(process.Port(w.HTTP))).Replace(want)) {
			t.Errorf("the first line of the log is %s, want %s", first, want)
		}
	}
	f(`look at http://127.0.0.1:PORT/metrics, from this machine only"`)
	f(`look at http://localhost:PORT/m, open on every interface"`, "--endpoint.listen=:0", "--endpoint.path=/m")
	f(`ready: send lines to UDP (udp), TCP (tcp), from this machine only (in a container set ingest.udp and ingest.tcp to `)
}

// A weir may take lines on several ports, such as 8125 of StatsD clients and its own. The flag adds one.
func (e e2e) testTwoPorts(t *testing.T) {
	w := e.startWeir(t, "--ingest.udp=127.0.0.1:0")
	ports := strings.Split(w.UDP, ",")
	if len(ports) != 2 {
		t.Fatalf("weir listens on %q, want two addresses", w.UDP)
	}
	for _, address := range ports {
		c, err := net.Dial("udp", address)
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, "hits:1|c")
		_ = c.Close() // everything was sent
	}
	eventually(t, func() error { return w.scrape(t).compare(map[string]float64{"hits": 2}) })
}

// Somebody who mends a line and tries again reads of each attempt, also of those with the same mistake.
func (e e2e) testLogEveryMistake(t *testing.T) {
	w := e.startWeir(t)
	udp := w.dial(t, "udp")
	send(t, udp, "web.hits:1|c")
	f := func(line, reason, why string) {
		t.Helper()
		send(t, udp, line)
		got := w.awaitWarning(t, line)
		if got.Reason != reason || !strings.HasPrefix(got.Message, "rejected: "+why) || got.Sender != udp.LocalAddr().String() {
			t.Errorf("%s: the log has %+v, want %s and %q", line, got, reason, why)
		}
	}
	f("web.hits:5|g", "type_conflict", "web_hits is a counter; a gauge was sent")
	f("web.hits:5|h", "type_conflict", "web_hits is a counter; a histogram was sent")
	f("web.hits:5|cc", "unknown_type", `at "cc": the type is none of`)
	f("web.hits:five|c", "bad_value", `at "five": `)
	f("web.hits:\"5\"|c", "bad_value", `at ""5"": `)
	f("web.hits:5|c|@5", "bad_rate", `at "5": the sample rate is`)
}

// A flood of lines that are wrong, with names that are all new, makes a bounded number of lines.
func (e e2e) testLogFlood(t *testing.T) {
	w := e.startMortal(t)
	tcp := w.dial(t, "tcp")
	const lines = 200_000
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "random%d:x|c\n", i)
		if i%1000 == 999 {
			send(t, tcp, b.String())
			b.Reset()
		}
	}
	eventually(t, func() error {
		if got := w.scrape(t).values[`weir_samples_rejected_total{reason="bad_value"}`]; got != lines {
			return fmt.Errorf("%v samples are rejected, want %d", got, lines)
		}
		return nil
	})
	if err := w.Stop(); err != nil { // the last lines say what was left out
		t.Fatal(err)
	}
	got := w.warnings(t)
	accounted := int64(len(got))
	for _, entry := range got {
		accounted += entry.LeftOut
	}
	if len(got) > 10+50+2 {
		t.Errorf("a flood made %d lines of the log, want at most 62", len(got))
	}
	if accounted != lines && accounted != lines+1 { // the last line may be one that was shown before
		t.Errorf("the log tells of %d samples, want %d", accounted, lines)
	}
}

// HTTP, JSON and Graphite's plaintext are recognised, and said so once.
func (e e2e) testLogOtherProtocols(t *testing.T) {
	w := e.startWeir(t)
	for range 3 {
		c := w.dial(t, "tcp")
		send(t, c, "GET /metrics HTTP/1.1\r\nHost: "+w.TCP+"\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n")
		_ = c.Close() // the test may end before weir sees it
	}
	w.awaitWarning(t, "this looks like HTTP")
	udp := w.dial(t, "udp")
	send(t, udp, `{"metric":"a","value":1}`)
	w.awaitWarning(t, "this looks like JSON")
	send(t, udp, "servers.a.load 0.5 1700000000\nservers.b.load 0.5 1700000000")
	w.awaitWarning(t, "this looks like Graphite")
	eventually(t, func() error {
		if got := w.scrape(t).sum("weir_samples_rejected_total"); got != 3*4+1+2 {
			return fmt.Errorf("%v samples are rejected, want 15", got)
		}
		return nil
	})
	send(t, udp, "last:x|c")
	w.awaitWarning(t, "last:x|c")
	if got := w.warnings(t); len(got) != 4 {
		t.Errorf("%d warnings, want one for each protocol and the last line:\n%s", len(got), w.Log())
	}
}

// One metric that fills a limit is named, with its label, apart from the metrics that were refused; and all that
// were refused are in one line.
func (e e2e) testLogCulprits(t *testing.T) {
	w := e.startWeir(t, "--cardinality.max_total_series=100")
	tcp := w.dial(t, "tcp")
	for i := range 100 {
		send(t, tcp, fmt.Sprintf("sessions:1|c|#sess:%d\n", i))
	}
	eventually(t, func() error {
		if got := w.scrape(t).values["weir_series"]; got != 100 {
			return fmt.Errorf("%v series", got)
		}
		return nil
	})
	var refused strings.Builder
	for i := range 12 {
		fmt.Fprintf(&refused, "innocent%d:1|c\n", i)
	}
	send(t, tcp, refused.String())
	got := w.awaitWarning(t, "a cardinality limit is reached")
	if got.Most != "sessions has 100 series, its label sess has 100 values" ||
		!strings.Contains(got.Refused, "innocent0 1") || !strings.Contains(got.Message, "or raise the limit") {
		t.Errorf("the log has %+v", got)
	}
	time.Sleep(1500 * time.Millisecond) // longer than a look at the counts
	if all := w.warnings(t); len(all) != 1 {
		t.Errorf("%d warnings, want one:\n%s", len(all), w.Log())
	}
}

func (e e2e) testLogInfiniteGauge(t *testing.T) {
	w := e.startWeir(t)
	send(t, w.dial(t, "udp"), "load:+inf|g|#host:a")
	if got := w.awaitWarning(t, "infinite value"); got.Gauge != `load{host="a"}` {
		t.Errorf("the log has %+v, want the gauge", got)
	}
}

// Names that become one metric are named in the log, and counted; so are names that lose letters.
func (e e2e) testLogChangedNames(t *testing.T) {
	w := e.startWeir(t)
	send(t, w.dial(t, "udp"), "web.hits:1|c\nweb_hits:1|c\nünï:1|c")
	w.awaitWarning(t, "web.hits and web_hits are both web_hits")
	want := map[string]float64{"weir_names_merged_total": 1, "weir_names_letters_lost_total": 1, "web_hits": 2, "_n_": 1}
	if err := w.scrape(t).compare(want); err != nil {
		t.Error(err)
	}
}

// At debug level the log has samples with their series, scrapes, and each thing that gnet says once. A flood of
// samples makes about ten lines a second.
func (e e2e) testLogDebug(t *testing.T) {
	w := e.startWeir(t, "--log.level=debug", "--ingest.loops=4")
	send(t, w.dial(t, "udp"), "web.hits:1|c|#status:200")
	if err := w.AwaitLog(t.Context(), `"sent":"web.hits","name":"web_hits","series":"web_hits{status=\"200\"}","type":"counter"`); err != nil {
		t.Fatal(err)
	}
	if err := w.AwaitLog(t.Context(), `"line":"web.hits:1|c|#status:200","series":"web_hits{status=\"200\"}","type":"counter"`); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w.scrape(t)
	if err := w.AwaitLog(t.Context(), `"message":"a scrape"`); err != nil {
		t.Fatal(err)
	}
	send(t, w.dial(t, "tcp"), strings.Repeat("flood:1|c\n", 100_000))
	eventually(t, func() error { return w.scrape(t).compare(map[string]float64{"flood": 100_000}) })
	times := make(map[string]int)
	for line := range strings.Lines(w.Log()) {
		var entry struct{ Message string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		times[entry.Message]++
	}
	if most := 20 + int(10*time.Since(began).Seconds()); times["a sample"] > most {
		t.Errorf("%d samples are logged, want at most %d", times["a sample"], most)
	}
	for message, n := range times {
		if strings.HasPrefix(message, "gnet: ") && n > 1 {
			t.Errorf("%q is logged %d times", message, n)
		}
	}
}
