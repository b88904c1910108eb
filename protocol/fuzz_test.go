package protocol_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/protocol"
)

var seeds = []string{
	"a:1|c", "a.b:12.5|ms|@0.1|#k:v,bare,k2:v:2\nb:+1|g", "a:1:2::3|ms\r\n\r\nb:1|c:2|g|@0.5:x:y|s", "a:1|c|c:x|T1|e:y|card:low",
	"a", ":1|c", "a:1", "a:1|x", "a:x|c", "a:1|c|@2", "a:-inf|g", "a:0x1p-4|h", "foo]a=b[:1|c", "_e{5,4}:title|text|p:low",
	"_e{1,3}:x|a|b|t:error|h:h|k:k|s:s|d:12|#a:b", "_sc|name|2|h:x|d:1|#a:b|m:mes|sage", "_e{0,1}:|x", "_e1,2}:a|b", "_sc||0", "a:1|m|T12", "_e{1,1}:a|b|\r\r",
	"ns:foo:5|g", "MyApp::Worker.run:1|c", "a:1:x:2|c", "a:1|c:x:2|c|@2:3::4|g", "a:" + strings.Repeat("1:", 70) + "2|ms",
	"a:1|c|@0.5:2|ms:3|x:4|c", "a::|s", "a:1|c|#a:b|#c:d||", "\xff\xfe:1|c\x00", "a:1e400|d:nan|d", "::::||||@@@@####",
}

// FuzzDecode holds what is true of any bytes: no panic, an end, at least one sample or error for a line,
// offsets within the line, samples within their promises; and the same result for the two halves of a
// datagram as for the whole.
func FuzzDecode(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), uint16(len(seed)/2))
	}
	f.Fuzz(func(t *testing.T, datagram []byte, at uint16) {
		whole := decodeChecked(t, datagram)
		cut := bytes.IndexByte(datagram[min(int(at), len(datagram)):], '\n')
		if cut < 0 {
			return
		}
		cut += min(int(at), len(datagram))
		halves := append(decodeChecked(t, datagram[:cut]), decodeChecked(t, datagram[cut+1:])...)
		if fmt.Sprint(halves) != fmt.Sprint(whole) {
			t.Fatalf("halves of %q cut at %d:\n%q\nwhole:\n%q", datagram, cut, halves, whole)
		}
	})
}

func decodeChecked(t *testing.T, datagram []byte) (got []string) {
	t.Helper()
	var d protocol.Decoder
	d.Reset(datagram)
	for d.Next() {
		before := len(got)
		for {
			s, err := d.Sample()
			if s == nil && err == nil {
				break
			}
			if err != nil && (err.Offset < 0 || err.Offset > len(d.Line()) || err.Samples < 1 || err.Samples > len(d.Line())) {
				t.Fatalf("%q: error %v is outside of the line, or of %d samples", d.Line(), err, err.Samples)
			}
			if s != nil {
				checkSample(t, s)
			}
			got = append(got, describe(s, err))
		}
		if len(got) == before {
			t.Fatalf("line %q has no sample and no error", d.Line())
		}
	}
	return got
}

func checkSample(t *testing.T, s *protocol.Sample) {
	t.Helper()
	if s.Kind == protocol.KindEvent || s.Kind == protocol.KindCheck {
		return // their names may hold any byte but a newline
	}
	if len(s.Name) == 0 || len(s.Text) == 0 || s.Kind >= protocol.NumKinds || !(s.Rate > 0 && s.Rate <= 1) ||
		bytes.ContainsAny(s.Name, ":\n") || bytes.ContainsAny(s.Tags, "|\n") || s.Relative && s.Kind != protocol.KindGauge {
		t.Fatalf("a sample breaks its promises: %+v", s)
	}
}

// FuzzReencode writes every sample in its canonical form and decodes that: it must be the same sample.
func FuzzReencode(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		var d, again protocol.Decoder
		d.Reset(datagram)
		for d.Next() {
			for {
				s, err := d.Sample()
				if s == nil && err == nil {
					break
				}
				if s == nil {
					continue
				}
				line := encode(s)
				if got := decode(&again, line); len(got) != 1 || got[0] != describe(s, nil) {
					t.Fatalf("%q is %q, written as %q it is %q", d.Line(), describe(s, nil), line, got)
				}
			}
		}
	})
}

func encode(s *protocol.Sample) string {
	if s.Kind == protocol.KindEvent || s.Kind == protocol.KindCheck {
		return string(s.Text) + "\r" // which is stripped, and not one that the line ends with
	}
	line := fmt.Sprintf("%s:%s|%s", s.Name, s.Text, s.Kind)
	if s.Rate != 1 {
		line += "|@" + strconv.FormatFloat(s.Rate, 'g', -1, 64)
	}
	if s.Tags != nil {
		line += "|#" + string(s.Tags)
	}
	if s.Container != nil {
		line += "|c:" + string(s.Container)
	}
	if s.External != nil {
		line += "|e:" + string(s.External)
	}
	if s.Timestamp != 0 {
		line += fmt.Sprintf("|T%d", s.Timestamp)
	}
	return line + "\r" // a carriage return is stripped, also one that ends the tags before it
}

// FuzzReference compares with a slow and obvious reading of the grammar.
func FuzzReference(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, datagram string) {
		var d protocol.Decoder
		got, want := withoutOffsets(decode(&d, datagram)), reference(datagram)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("Decode(%q) =\n%q\nthe reference says\n%q", datagram, got, want)
		}
	})
}

func withoutOffsets(list []string) []string {
	for i, s := range list {
		if strings.HasPrefix(s, ":") {
			list[i] = s[:strings.LastIndexByte(s, '@')]
		}
	}
	return list
}

func reference(datagram string) (list []string) {
	for line := range strings.SplitSeq(datagram, "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			continue
		}
		name, rest, found := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, "_e{"), strings.HasPrefix(line, "_sc|"):
			list = append(list, referenceSpecial(line))
		case regexp.MustCompile(`^_e[0-9,]+\}:`).MatchString(line):
			list = append(list, ":bad_event")
		case !found:
			list = append(list, ":malformed_line")
		case name == "":
			list = append(list, ":empty_name")
		default:
			list = append(list, referenceSegments(name, rest, true)...)
		}
	}
	return list
}

func referenceSegments(name, rest string, isFirst bool) (list []string) {
	values, fields, found := strings.Cut(rest, "|")
	if !found {
		return []string{":missing_type"}
	}
	parts := strings.Split(fields, "|")
	kind, next, more := strings.Cut(parts[0], ":")
	if !strings.Contains(" c g ms h d s m ", " "+kind+" ") || strings.Contains(kind, " ") || kind == "" {
		return []string{":unknown_type"}
	}
	behind := strings.Join(append([]string{next}, parts[1:]...), "|")
	rate, tags, hasTags, origin := "1", "", false, [3]string{}
	for i := 1; i < len(parts) && !more; i++ {
		field := parts[i]
		switch {
		case strings.HasPrefix(field, "@"):
			rate, next, more = strings.Cut(field[1:], ":")
			behind = strings.Join(append([]string{next}, parts[i+1:]...), "|")
		case strings.HasPrefix(field, "#") && !hasTags:
			tags, hasTags = field[1:], true
		case strings.HasPrefix(field, "c:"):
			origin[0] = " " + field
		case strings.HasPrefix(field, "T"):
			if n, err := strconv.ParseInt(field[1:], 10, 64); err == nil && n > 0 && field[1] != '+' && len(field) < 20 {
				origin[1] = fmt.Sprintf(" T%d", n)
			}
		case strings.HasPrefix(field, "e:"):
			origin[2] = " " + field
		}
	}
	for _, s := range referenceValues(name, values, kind, rate, tags, isFirst) {
		if !strings.HasPrefix(s, ":") {
			s += strings.Join(origin[:], "")
		}
		list = append(list, s)
	}
	if more {
		list = append(list, referenceSegments(name, behind, false)...)
	}
	return list
}

func referenceValues(name, values, kind, rateText, tags string, isFirst bool) (list []string) {
	texts := []string{values}
	if kind != "s" && strings.Contains(values, ":") {
		texts = strings.FieldsFunc(values, func(r rune) bool { return r == ':' })
		if len(texts) == 0 {
			texts = []string{""} // all are empty
		}
	}
	isBad := func(text string) bool {
		_, err := strconv.ParseFloat(text, 64)
		return text == "" || kind != "s" && err != nil
	}
	rate, err := strconv.ParseFloat(rateText, 64)
	reason := ""
	switch {
	case err != nil || !(rate >= 1.0/(1<<53) && rate <= 1):
		reason = ":bad_rate"
	case isFirst && isBad(texts[0]) && !isBad(texts[len(texts)-1]):
		reason = ":colon_in_name"
	case slices.ContainsFunc(texts, isBad):
		reason = ":bad_value"
	}
	if reason != "" {
		if len(texts) > 1 {
			reason += fmt.Sprintf("×%d", len(texts))
		}
		return []string{reason}
	}
	for _, text := range texts {
		list = append(list, referenceSample(name, text, kind, rate, tags))
	}
	return list
}

func referenceSample(name, text, kind string, rate float64, tags string) string {
	value, _ := strconv.ParseFloat(text, 64)
	shown := fmt.Sprint(value)
	if kind == "s" {
		shown = text
	}
	if kind == "g" && (text[0] == '+' || text[0] == '-') {
		shown = "~" + shown
	}
	s := name + " " + shown + " " + kind
	if rate != 1 && kind != "g" && kind != "s" {
		s += fmt.Sprintf(" @%v", rate)
	}
	if tags != "" {
		s += " #" + tags
	}
	return s
}

// referenceSpecial reads an event or a service check by a regular expression and by slicing.
func referenceSpecial(line string) string {
	if m := regexp.MustCompile(`^_sc\|([^|]+)\|([0-3])(\|.*)?$`).FindStringSubmatch(line); m != nil {
		fields, _, _ := strings.Cut(m[3], "|m:")
		s := "special " + m[1] + " " + m[2] + " _sc"
		for field := range strings.SplitSeq(fields, "|") {
			if strings.HasPrefix(field, "#") && len(field) > 1 {
				s = "special " + m[1] + " " + m[2] + " _sc #" + field[1:]
			} else if field == "#" {
				s = "special " + m[1] + " " + m[2] + " _sc"
			}
		}
		return s
	}
	if m := regexp.MustCompile(`^_e\{([0-9]{1,9}),([0-9]{1,9})\}:`).FindStringSubmatch(line); m != nil {
		title, _ := strconv.Atoi(m[1])
		text, _ := strconv.Atoi(m[2])
		rest := line[len(m[0]):]
		if title > 0 && len(rest) >= title+1+text && rest[title] == '|' &&
			(len(rest) == title+1+text || rest[title+1+text] == '|') {
			return "special " + rest[:title] + " " + line + " _e"
		}
	}
	if strings.HasPrefix(line, "_e{") {
		return ":bad_event"
	}
	return ":bad_service_check"
}
