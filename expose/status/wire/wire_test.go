package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"weir/expose/status/wire"
)

// marshal returns what the API writes.
func marshal(t *testing.T, answer any) string {
	t.Helper()
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// same checks that an answer has exactly this text, and that a client reads the same answer from it.
func same[T any](t *testing.T, answer T, want string) {
	t.Helper()
	got := marshal(t, answer)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var back T
	if err := json.Unmarshal([]byte(got), &back); err != nil || !reflect.DeepEqual(back, answer) {
		t.Errorf("%T comes back as %+v, %v", answer, back, err)
	}
}

func TestTail(t *testing.T) {
	same(t, wire.Tail{Lines: []wire.Line{}}, `{"lines":[],"since":0,"seen":0,"skipped":0}`)
	same(t, wire.Tail{
		Lines: []wire.Line{{
			Seq: 4294967297, At: 1795591656.5, Sent: wire.Sent{
				Line: `<b>\xff`, LineEscaped: true, LineTruncated: true,
				Listener: "unixgram:///run/weir", Sender: "pid 4711", Program: "php-fpm", PID: 4711,
			},
			Reason: "bad_value", Offset: 2,
		}},
		Since: 4294967297, Seen: 7, Skipped: 1,
	}, `{"lines":[{"seq":4294967297,"at":1795591656.5,"line":"\u003cb\u003e\\xff","line_escaped":true,"line_truncated":true,`+
		`"listener":"unixgram:///run/weir","sender":"pid 4711","program":"php-fpm","pid":4711,"reason":"bad_value","offset":2}],`+
		`"since":4294967297,"seen":7,"skipped":1}`)
}

func TestSenders(t *testing.T) {
	same(t, wire.Senders{Since: 1795591656, Senders: []wire.Sender{}},
		`{"since":1795591656,"senders":[],"total":0,"others":0}`)
	rate := 2.5
	same(t, wire.Senders{
		Senders: []wire.Sender{{
			Sender: "127.0.0.1", Transport: "udp", Addresses: 3, Lines: 10, Samples: 11, LinesPerSecond: &rate, Rejected: 2,
			Refused: 1, SeriesCreated: 4, RejectReasons: map[string]uint64{"bad_value": 2}, LastSeenAt: 1795591656,
		}},
		Total: 2, Others: 5, Next: "1",
	}, `{"since":0,"senders":[{"sender":"127.0.0.1","program":"","pid":0,"transport":"udp","addresses":3,"lines":10,"samples":11,`+
		`"lines_per_second":2.5,"rejected":2,"refused":1,"series_created":4,"reject_reasons":{"bad_value":2},`+
		`"last_seen_at":1795591656}],"total":2,"others":5,"next":"1"}`)
	if got := marshal(t, wire.Sender{}); !strings.Contains(got, `"lines_per_second":null`) {
		t.Errorf("no rate is not null: %s", got)
	}
}

func TestRejects(t *testing.T) {
	same(t, wire.Rejects{Reasons: []wire.RejectReason{}, Rejects: []wire.Reject{}}, `{"reasons":[],"rejects":[],"since":0}`)
	reject := wire.Reject{
		Seq: 12, At: 1795591656, Reason: "type_conflict", Offset: 11, Sent: wire.Sent{
			Line: "queue.depth:1|c|#queue:mail", Listener: "udp://127.0.0.1:9125", Sender: "127.0.0.1:4000",
		},
		Detail: "queue_depth is a gauge; a counter was sent", Advice: "send another name", IsNew: true,
	}
	const text = `{"seq":12,"at":1795591656,"reason":"type_conflict","offset":11,"line":"queue.depth:1|c|#queue:mail",` +
		`"line_escaped":false,"line_truncated":false,"listener":"udp://127.0.0.1:9125","sender":"127.0.0.1:4000","program":"",` +
		`"pid":0,"detail":"queue_depth is a gauge; a counter was sent","advice":"send another name","is_new":true,"foreign":""}`
	same(t, wire.Rejects{
		Reasons: []wire.RejectReason{{
			Reason: "type_conflict", Samples: 1310, PerSecond: 0.5, TenMinutes: 300, Advice: "send another name", Newest: &reject,
		}},
		Rejects: []wire.Reject{reject}, Since: 12,
	}, `{"reasons":[{"reason":"type_conflict","samples":1310,"per_second":0.5,"ten_minutes":300,"advice":"send another name",`+
		`"newest":`+text+`}],"rejects":[`+text+`],"since":12}`)
}

func TestError(t *testing.T) {
	var err error = &wire.Error{Type: wire.BadData, Text: "limit: 0: want at least 1"}
	found, ok := errors.AsType[*wire.Error](fmt.Errorf("ask: %w", err))
	if !ok || found.Type != "bad_data" || err.Error() != "limit: 0: want at least 1" {
		t.Errorf("%v", err)
	}
}

// Keys are words in lower case, joined by '_'; every field of an answer has one.
func TestKeys(t *testing.T) {
	key := regexp.MustCompile(`^[a-z]+(_[a-z]+)*(,omitempty)?$`)
	for _, answer := range []any{wire.Tail{}, wire.Line{}, wire.Sent{}, wire.Senders{}, wire.Sender{}, wire.Rejects{}, wire.RejectReason{}, wire.Reject{}} {
		of := reflect.TypeOf(answer)
		for field := range of.Fields() {
			if tag := field.Tag.Get("json"); !key.MatchString(tag) && !field.Anonymous {
				t.Errorf("%v.%s has the key %q", of, field.Name, tag)
			}
		}
	}
}

// A client reads an answer of a later weir, with fields that it does not know.
func TestLaterAnswer(t *testing.T) {
	var tail wire.Tail
	if err := json.Unmarshal([]byte(`{"lines":[{"seq":1,"line":"a:1|c","color":"red"}],"since":1,"later":{}}`), &tail); err != nil {
		t.Fatal(err)
	}
	if len(tail.Lines) != 1 || tail.Lines[0].Line != "a:1|c" || tail.Since != 1 {
		t.Errorf("%+v", tail)
	}
}

func ExampleTail() {
	text, _ := json.Marshal(wire.Tail{Lines: []wire.Line{}, Since: 1 << 32, Seen: 3})
	fmt.Println(string(text))
	// Output: {"lines":[],"since":4294967296,"seen":3,"skipped":0}
}
