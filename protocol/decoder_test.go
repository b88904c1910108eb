package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/protocol"
)

// decode returns every sample and error of a datagram in a short form: "name value kind [rate] [#tags]",
// with "~" before the value of a relative gauge, or ":reason@offset", with "×n" behind the reason when the error
// is that of several samples.
func decode(d *protocol.Decoder, datagram string) (got []string) {
	d.Reset([]byte(datagram))
	for d.Next() {
		for {
			s, err := d.Sample()
			if s == nil && err == nil {
				break
			}
			got = append(got, describe(s, err))
		}
	}
	return got
}

func describe(s *protocol.Sample, err *protocol.Error) string {
	if err != nil {
		if err.Samples != 1 {
			return fmt.Sprintf(":%v×%d@%d", err.Reason, err.Samples, err.Offset)
		}
		return fmt.Sprintf(":%v@%d", err.Reason, err.Offset)
	}
	var b strings.Builder
	if s.Kind == protocol.KindEvent || s.Kind == protocol.KindCheck {
		b.WriteString("special ") // their names may begin like an error
	}
	b.Write(s.Name)
	b.WriteByte(' ')
	if s.Relative {
		b.WriteByte('~')
	}
	if s.Kind == protocol.KindSet || s.Kind == protocol.KindEvent {
		b.Write(s.Text)
	} else {
		fmt.Fprint(&b, s.Value)
	}
	b.WriteString(" " + s.Kind.String())
	if s.Rate != 1 {
		fmt.Fprintf(&b, " @%v", s.Rate)
	}
	if len(s.Tags) > 0 {
		b.WriteString(" #" + string(s.Tags))
	}
	if s.Container != nil {
		b.WriteString(" c:" + string(s.Container))
	}
	if s.Timestamp != 0 {
		fmt.Fprintf(&b, " T%d", s.Timestamp)
	}
	if s.External != nil {
		b.WriteString(" e:" + string(s.External))
	}
	return b.String()
}

func TestDecode_Success(t *testing.T) {
	var d protocol.Decoder // one for all cases: nothing may be left of the case before
	f := func(datagram string, want ...string) {
		t.Helper()
		if got := decode(&d, datagram); strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("Decode(%q) = %q, want %q", datagram, got, want)
		}
	}
	f("a:1|c", "a 1 c")
	f("a:1|g", "a 1 g")
	f("a:1|ms", "a 1 ms")
	f("a:1|h", "a 1 h")
	f("a:1|d", "a 1 d")
	f("a:x|s", "a x s")
	f("a.b-c d|e:1|c", "a.b-c d|e 1 c")
	f("日本:1|c", "日本 1 c")

	f("a:1|c|@0.5", "a 1 c @0.5")
	f("a:1|c|@1", "a 1 c")
	f("a:1|ms|@0.1|#k:v", "a 1 ms @0.1 #k:v")
	f("a:1|ms|#k:v|@0.1", "a 1 ms @0.1 #k:v")
	f("a:1|c|#k:v,bare,k2:v2:x", "a 1 c #k:v,bare,k2:v2:x")
	f("a:1|c|#", "a 1 c")
	f("a:1|g|@0.5", "a 1 g")
	f("a:1|s|@0.5", "a 1 s")
	f("a:1|c|@0.1|@0.5", "a 1 c @0.5")
	f("a:1|c|@7|@0.5", "a 1 c @0.5")
	f("a:1|c|#k:v|#l:w", "a 1 c #k:v")

	f("a:+1|g", "a ~1 g")
	f("a:-1|g", "a ~-1 g")
	f("a:+1|c", "a 1 c")
	f("a:-1|c", "a -1 c")

	f("a:1:2:3|ms", "a 1 ms", "a 2 ms", "a 3 ms")
	f("a:1:2|c|@0.5|#k:v", "a 1 c @0.5 #k:v", "a 2 c @0.5 #k:v")
	f("a:1::2:|c", "a 1 c", "a 2 c")
	f("a:+1:2|g", "a ~1 g", "a 2 g")
	f("a:x:y|s", "a x:y s")
	f("a::|s", "a : s")

	f("a:1|c:2|ms", "a 1 c", "a 2 ms")
	f("a:1|c|@0.5:2|ms|@0.1:x:y|s", "a 1 c @0.5", "a 2 ms @0.1", "a x:y s")
	f("a:1:2|c:3|ms|#k:v", "a 1 c", "a 2 c", "a 3 ms #k:v")
	f("a:1|c|#k:v:2|ms", "a 1 c #k:v:2")

	f("a:1|c|c:abc|T123|e:it-false|card:low|x", "a 1 c c:abc T123 e:it-false")
	f("a:1|c|T123\na:2|c|e:it-false:3|c:x\na:3|c", "a 1 c T123", "a 2 c c:x e:it-false:3", "a 3 c")
	f("a:1:2|c:3:4|ms|@0.5:5|g", "a 1 c", "a 2 c", "a 3 ms @0.5", "a 4 ms @0.5", "a 5 g")
	f("a:1:2.5:1e3|c", "a 1 c", "a 2.5 c", "a 1000 c")
	f("_e}:1|c\n_e1:2|c\n_events,a=b}:3|c", "_e} 1 c", "_e1 2 c", "_events,a=b} 3 c")
	f("a:17|s", "a 17 s")
	f("a:-17|s", "a -17 s")
	f("a:9007199254740993:0.1234567890123456789|h", "a 9.007199254740992e+15 h", "a 0.12345678901234568 h")
	f("a:1|m", "a 1 m")
	f("a:1|m|@0.5:2|ms", "a 1 m @0.5", "a 2 ms")
	f("a,k=v:1|c", "a,k=v 1 c")
	f("a:1|c||", "a 1 c")

	f("a:1|c\nb:2|c", "a 1 c", "b 2 c")
	f("a:1|c\r\nb:2|c\r\n", "a 1 c", "b 2 c")
	f("\n\n\r\na:1|c\n\n", "a 1 c")
	f("")
	f("\n")
	f("\r")
}

// The cases mark with ▲ the position that the error of one sample has.
func TestDecode_Failure(t *testing.T) {
	d := protocol.Decoder{MaxLine: 40}
	f := func(marked string, reason protocol.Reason, others ...string) {
		t.Helper()
		line := strings.Replace(marked, "▲", "", 1)
		at := strings.Index(marked, "▲")
		want := append([]string{fmt.Sprintf(":%v@%d", reason, at)}, others...)
		datagram := "before:1|c\n" + line + "\nafter:1|c"
		got := decode(&d, datagram)
		if len(got) < 2 || got[0] != "before 1 c" || got[len(got)-1] != "after 1 c" {
			t.Fatalf("Decode(%q) = %q: a neighbour was touched", datagram, got)
		}
		if got = got[1 : len(got)-1]; strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("Decode(%q) = %q, want %q", line, got, want)
		}
	}
	f("a▲", protocol.ReasonMalformedLine)
	f("a|c▲", protocol.ReasonMalformedLine)
	f("▲:1|c", protocol.ReasonEmptyName)
	f("▲:", protocol.ReasonEmptyName)
	f("a:▲", protocol.ReasonMissingType)
	f("a:1▲", protocol.ReasonMissingType)
	f("a:1|▲", protocol.ReasonUnknownType)
	f("a:1|▲x", protocol.ReasonUnknownType)
	f("a:1|▲mm", protocol.ReasonUnknownType)
	f("a:1|▲cc", protocol.ReasonUnknownType)
	f("a:1|▲c ", protocol.ReasonUnknownType)
	f("a:1|▲x:2|c", protocol.ReasonUnknownType)
	f("a:▲|c", protocol.ReasonBadValue)
	f("a:▲|s", protocol.ReasonBadValue)
	f("a:▲x|c", protocol.ReasonBadValue)
	f("a:▲ 1|c", protocol.ReasonBadValue)
	f("a:▲1e400|c", protocol.ReasonBadValue)
	f("a:▲:|c", protocol.ReasonBadValue)
	f("a:▲x|c:2|ms", protocol.ReasonBadValue, "a 2 ms")
	f("a:1|c|@▲0", protocol.ReasonBadRate)
	f("a:1|c|@▲", protocol.ReasonBadRate)
	f("a:1|c|@▲-0.5", protocol.ReasonBadRate)
	f("a:1|c|@▲1.01", protocol.ReasonBadRate)
	f("a:1|c|@▲nan", protocol.ReasonBadRate)
	f("a:1|c|@▲1e-300", protocol.ReasonBadRate)
	f("a:1|g|@▲x", protocol.ReasonBadRate)
	f("a:1|c|@▲2|#k:v", protocol.ReasonBadRate)
	f("a:1|c|@▲2:3|c", protocol.ReasonBadRate, "a 3 c")
	f("a:x|c|@▲2", protocol.ReasonBadRate) // the rate is told before the value
	f("a:|c|@▲2", protocol.ReasonBadRate)
	f("a::|c|@▲2", protocol.ReasonBadRate)
	f("a:|s|@▲2", protocol.ReasonBadRate)
	f("a:▲12.5.5|c", protocol.ReasonBadValue)
	f("a:12:|▲x", protocol.ReasonUnknownType)
	f("a:12:▲", protocol.ReasonMissingType)
	f(strings.Repeat("x", 40)+"▲:1|c", protocol.ReasonLineTooLong)
}

func TestDecoderIgnored(t *testing.T) {
	var d protocol.Decoder
	f := func(datagram string, want int) {
		t.Helper()
		decode(&d, datagram)
		if got := d.Ignored(); got != want {
			t.Errorf("Ignored() after %q = %d, want %d", datagram, got, want)
		}
	}
	f("a:1|c|@0.5|#k:v", 0)
	f("a:1|c|c:abc|e:x|card:low|T1\nb:1|c|Tx|x:y", 2)
	f("a:1|c||", 2)
	f("a:1|c|#a|#b", 1)
	f("", 0)
}

// Rates that say nothing are as if they were not there, and are counted.
func TestIgnoreBadRates(t *testing.T) {
	d := protocol.Decoder{IgnoreBadRates: true}
	f := func(line string, ignored int, want ...string) {
		t.Helper()
		if got := decode(&d, line); strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("Decode(%q) = %q, want %q", line, got, want)
		}
		if got := d.BadRates(); got != ignored {
			t.Errorf("%d rates of %q are ignored, want %d", got, line, ignored)
		}
	}
	f("a:1|c|@0.5", 0, "a 1 c @0.5")
	for _, rate := range []string{"", "0", "-0", "x", "1e400"} {
		f("a:1|c|@"+rate, 1, "a 1 c")
		f("a:1:2|ms|@"+rate+"|#k:v", 1, "a 1 ms #k:v", "a 2 ms #k:v")
	}
	for _, rate := range []string{"2", "-1", "nan", "inf", "1e-300"} {
		f("a:1|c|@"+rate, 0, ":bad_rate@7")
		f("a:1:2|ms|@"+rate+"|#k:v", 0, ":bad_rate×2@10")
	}
	for _, rate := range []string{"", "0", "x", "2", "-1", "nan"} {
		f("a:1|g|@"+rate+":x|s|@"+rate, 2, "a 1 g", "a x s")
	}
	f("a:1|c|@0|@0.5", 1, "a 1 c @0.5")
	f("a:1|c|@0.5|@0", 1, "a 1 c @0.5")
	f("a:1|c|@2|@0", 1, ":bad_rate@7")
	f("a:1|c|@0:2|c|@0.5", 1, "a 1 c", "a 2 c @0.5")
	f("a:x|c|@0", 1, ":bad_value@2")
	f("a:1|c", 0, "a 1 c")
}

// Next may leave a line before its last sample.
func TestNextSkipsTheRestOfALine(t *testing.T) {
	var d protocol.Decoder
	d.Reset([]byte("a:1:2:3|c:4|ms\nb:1|c"))
	d.Next()
	if _, err := d.Sample(); err != nil {
		t.Fatal(err)
	}
	if string(d.Line()) != "a:1:2:3|c:4|ms" || !d.Next() {
		t.Fatalf("line %q, want the first and then another", d.Line())
	}
	if s, err := d.Sample(); err != nil || string(s.Name) != "b" {
		t.Errorf("got %v, %v; want the sample of the second line", s, err)
	}
	if s, err := d.Sample(); s != nil || err != nil {
		t.Errorf("got %v, %v behind the last sample", s, err)
	}
	if d.Next() || d.Line() != nil {
		t.Error("a line behind the last")
	}
	if s, err := d.Sample(); s != nil || err != nil {
		t.Errorf("got %v, %v behind the last line", s, err)
	}
}

// Reset may leave a datagram before its last line, and a line before its last sample.
func TestResetForgets(t *testing.T) {
	for _, left := range []string{"a:1:2:3|c", "a:1|c:2|c", "a:1|c|@2\nb:1|c", "a:1|c|#k:v|c:x|e:y|T1||"} {
		var d protocol.Decoder
		d.Reset([]byte(left))
		d.Next()
		d.Sample()
		d.Reset([]byte("z:7|c"))
		if s, err := d.Sample(); s != nil || err != nil || d.Line() != nil || d.Ignored() != 0 {
			t.Errorf("after %q and Reset: %v, %v and line %q before Next", left, s, err, d.Line())
		}
		d.Next()
		if s, err := d.Sample(); err != nil || describe(s, nil) != "z 7 c" {
			t.Errorf("after %q and Reset: %v, %v, want z 7 c", left, s, err)
		}
	}
}

func TestKindNames(t *testing.T) {
	var got []string
	for k := range protocol.NumKinds + 1 {
		got = append(got, k.String())
	}
	if got := strings.Join(got, " "); got != "c g ms h d s m _sc _e unknown" {
		t.Errorf("kinds are written %q", got)
	}
}

func TestReasonNames(t *testing.T) {
	seen := map[string]bool{}
	for r := range protocol.NumReasons {
		if name := r.String(); name == "" || name == "unknown" || seen[name] {
			t.Errorf("reason %d is called %q", r, name)
		}
		seen[r.String()] = true
	}
	if got := protocol.NumReasons.String(); got != "unknown" {
		t.Errorf("a reason beyond the last is called %q", got)
	}
	err := &protocol.Error{Reason: protocol.ReasonBadRate, Offset: 7}
	if got := err.Error(); got != "bad_rate at byte 7" {
		t.Errorf("Error() = %q", got)
	}
}
