package protocol_test

import (
	"fmt"
	"testing"

	"weir/protocol"
)

func only(t *testing.T, d *protocol.Decoder, line string) (*protocol.Sample, *protocol.Error) {
	t.Helper()
	d.Reset([]byte(line))
	if !d.Next() {
		t.Fatalf("%q is no line", line)
	}
	s, err := d.Sample()
	if again, _ := d.Sample(); again != nil {
		t.Fatalf("%q has two samples", line)
	}
	return s, err
}

func TestEvent_Success(t *testing.T) {
	var d protocol.Decoder
	f := func(line, want string, ignored int) {
		t.Helper()
		s, err := only(t, &d, line)
		if err != nil || s.Kind != protocol.KindEvent {
			t.Fatalf("Decode(%q) = %v, %v", line, s, err)
		}
		e := d.Event()
		got := fmt.Sprintf("%s/%s/%s/%s tags=%s host=%s key=%s source=%s at=%d", e.Title, e.Text, e.Alert, e.Priority,
			e.Tags, e.Host, e.Key, e.SourceType, e.Timestamp)
		if got != want || d.Ignored() != ignored {
			t.Errorf("event %q = %q, %d ignored; want %q, %d", line, got, d.Ignored(), want, ignored)
		}
	}
	f("_e{5,4}:title|text", "title/text/info/normal tags= host= key= source= at=0", 0)
	f("_e{5,0}:title|", "title//info/normal tags= host= key= source= at=0", 0)
	f("_e{3,5}:a|b|c|d:e|t:error|p:low|#x:y,z|h:host|k:key|s:src|d:17|c:id|card:low",
		"a|b/c|d:e/error/low tags=x:y,z host=host key=key source=src at=17", 0)
	f("_e{1,1}:a|b|t:warning", "a/b/warning/normal tags= host= key= source= at=0", 0)
	f("_e{1,1}:a|b|t:success|x||", "a/b/success/normal tags= host= key= source= at=0", 3)
	f("_e{1,1}:a|b|t:bad|p:bad|d:x", "a/b/info/normal tags= host= key= source= at=0", 2)
	f("_e{2,1}:é|b", "é/b/info/normal tags= host= key= source= at=0", 0)
}

func TestCheck_Success(t *testing.T) {
	var d protocol.Decoder
	f := func(line, want string) {
		t.Helper()
		s, err := only(t, &d, line)
		if err != nil || s.Kind != protocol.KindCheck {
			t.Fatalf("Decode(%q) = %v, %v", line, s, err)
		}
		c := d.Check()
		got := fmt.Sprintf("%s=%d tags=%s host=%s message=%s at=%d", c.Name, c.Status, c.Tags, c.Host, c.Message, c.Timestamp)
		if got != want || s.Value != float64(c.Status) || string(s.Tags) != string(c.Tags) {
			t.Errorf("check %q = %q, sample %+v; want %q", line, got, s, want)
		}
	}
	f("_sc|redis|0", "redis=0 tags= host= message= at=0")
	f("_sc|redis up|3|d:17|h:host|#a:b,c|m:it is|down", "redis up=3 tags=a:b,c host=host message=it is|down at=17")
	f("_sc|redis|2|#a:b|e:x|c:y", "redis=2 tags=a:b host= message= at=0")
	f("_sc|redis|1|m:", "redis=1 tags= host= message= at=0")
}

func TestSpecial_Failure(t *testing.T) {
	var d protocol.Decoder
	f := func(line string, want protocol.Reason) {
		t.Helper()
		if s, err := only(t, &d, line); err == nil || err.Reason != want {
			t.Errorf("Decode(%q) = %v, %v; want %v", line, s, err, want)
		}
	}
	for _, line := range []string{
		"_e{", "_e{}:", "_e{5,4}", "_e{5,4}:", "_e{5,4}:title", "_e{5,4}:title|tex", "_e{5,4}:title|text2", "_e{0,4}:|text",
		"_e{4,4}:title|text", "_e{-1,4}:title|text", "_e{5}:title|text", "_e{5,4}title|text", "_e{9999999999,4}:title|text",
		"_e{999999999,999999999}:title|text", "_e{5,x}:title|text", "_e{,}:|",
		"_e1,2}:a|b", "_e5,4}:title|text", "_e1}:8|g",
	} {
		f(line, protocol.ReasonBadEvent)
	}
	for _, line := range []string{
		"_sc|", "_sc|name", "_sc|name|", "_sc||0", "_sc|name|4", "_sc|name|00", "_sc|name|x", "_sc|name|-1", "_sc|name|0x",
	} {
		f(line, protocol.ReasonBadCheck)
	}
	f("_e", protocol.ReasonMalformedLine)
	f("_e}:1|x", protocol.ReasonUnknownType)
	f("_e1,2}", protocol.ReasonMalformedLine)
	f("_scx|c", protocol.ReasonMalformedLine)
}
