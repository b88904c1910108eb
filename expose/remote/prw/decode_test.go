package prw_test

import (
	"fmt"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/expose/format/formattest"
	"weir/expose/remote/prw"
)

// message is the fields of a message by number: each an integer, the bits of a float, or bytes.
type message map[protowire.Number][]any

func parse(t formattest.T, text []byte) message {
	t.Helper()
	m := make(message)
	for len(text) > 0 {
		number, kind, n := protowire.ConsumeTag(text)
		if n < 0 {
			t.Fatalf("no message: %v", protowire.ParseError(n))
		}
		text = text[n:]
		var value any
		switch kind {
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(text)
		case protowire.Fixed64Type:
			var bits uint64
			bits, n = protowire.ConsumeFixed64(text)
			value = math.Float64frombits(bits)
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(text)
		default:
			t.Fatalf("field %d has type %d", number, kind)
		}
		if n < 0 {
			t.Fatalf("field %d: %v", number, protowire.ParseError(n))
		}
		m[number], text = append(m[number], value), text[n:]
	}
	return m
}

func (m message) int(number protowire.Number) uint64 {
	if len(m[number]) == 0 {
		return 0
	}
	return m[number][0].(uint64)
}

func (m message) float(number protowire.Number) float64 {
	if len(m[number]) == 0 {
		return 0
	}
	return m[number][0].(float64)
}

func (m message) text(number protowire.Number) string {
	if len(m[number]) == 0 {
		return ""
	}
	return string(m[number][0].([]byte))
}

// reader prints requests, one line for each sample, in the way of OpenMetrics.
type reader struct {
	t       formattest.T
	version prw.Version
	symbols []string
	names   []string // of the labels that were read last
}

// read returns the lines of a request.
func read(t formattest.T, version prw.Version, request []byte) (lines []string) {
	t.Helper()
	r := reader{t: t, version: version}
	m, series, exemplars, histograms := parse(t, request), protowire.Number(1), protowire.Number(3), protowire.Number(4)
	if version == prw.Version2 {
		series, exemplars, histograms = 5, 4, 3
		for _, symbol := range m[4] {
			r.symbols = append(r.symbols, string(symbol.([]byte)))
		}
		if len(r.symbols) == 0 || r.symbols[0] != "" {
			t.Fatalf("the first of the symbols %q is not empty", r.symbols)
		}
	}
	for _, x := range m[series] {
		s := parse(t, x.([]byte))
		var line strings.Builder
		line.WriteString(r.labels(s))
		for _, sample := range s[2] {
			f := parse(t, sample.([]byte))
			fmt.Fprintf(&line, " %v %s", f.float(1), timesOf(f.int(2), f.int(3)))
			if math.Float64bits(f.float(1)) == 0x7ff0000000000002 {
				line.WriteString(" stale")
			}
		}
		for _, histogram := range s[histograms] {
			line.WriteString(" " + histogramText(parse(t, histogram.([]byte)), t))
		}
		for _, exemplar := range s[exemplars] {
			e := parse(t, exemplar.([]byte))
			fmt.Fprintf(&line, " # %s %v @%d", r.labels(e), e.float(2), e.int(3))
		}
		if version == prw.Version2 {
			meta := parse(t, []byte(s.text(5)))
			fmt.Fprintf(&line, " type=%d help=%q unit=%q", meta.int(1), r.symbols[meta.int(3)], r.symbols[meta.int(4)])
		}
		lines = append(lines, line.String())
	}
	for _, x := range m[3] {
		meta := parse(t, x.([]byte))
		lines = append(lines, fmt.Sprintf("metadata type=%d name=%s help=%q unit=%q",
			meta.int(1), meta.text(2), meta.text(4), meta.text(5)))
	}
	return lines
}

func timesOf(at, start uint64) string {
	if start == 0 {
		return fmt.Sprintf("@%d", at)
	}
	return fmt.Sprintf("@%d since %d", at, start)
}

func histogramText(h message, t formattest.T) string {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "native count=%d sum=%v schema=%d threshold=%v zeros=%d", h.int(1), h.float(3),
		protowire.DecodeZigZag(h.int(4)), h.float(5), h.int(6))
	if math.Float64bits(h.float(3)) == 0x7ff0000000000002 {
		text.WriteString(" stale")
	}
	for _, sign := range []struct {
		name          string
		spans, deltas protowire.Number
	}{{"negative", 8, 9}, {"positive", 11, 12}} {
		for _, x := range h[sign.spans] {
			span := parse(t, x.([]byte))
			fmt.Fprintf(&text, " %s %d+%d", sign.name, protowire.DecodeZigZag(span.int(1)), span.int(2))
		}
		for _, delta := range varints(t, []byte(h.text(sign.deltas))) {
			fmt.Fprintf(&text, " %d", protowire.DecodeZigZag(delta))
		}
	}
	return text.String() + " " + timesOf(h.int(15), h.int(17))
}

func varints(t formattest.T, packed []byte) (all []uint64) {
	t.Helper()
	for len(packed) > 0 {
		x, n := protowire.ConsumeVarint(packed)
		if n < 0 {
			t.Fatalf("varints: %v", protowire.ParseError(n))
		}
		all, packed = append(all, x), packed[n:]
	}
	return all
}

// labels returns the labels of a series or an exemplar. They must be sorted, each once, without an empty name or
// value.
func (r *reader) labels(m message) string {
	r.t.Helper()
	var texts []string
	r.names = nil
	add := func(name, value string) {
		if name == "" || value == "" || len(r.names) > 0 && name <= r.names[len(r.names)-1] {
			r.t.Fatalf("label %q=%q behind %q", name, value, r.names)
		}
		r.names, texts = append(r.names, name), append(texts, fmt.Sprintf("%s=%q", name, value))
	}
	if r.version == prw.Version1 {
		for _, x := range m[1] {
			pair := parse(r.t, x.([]byte))
			add(pair.text(1), pair.text(2))
		}
	} else {
		refs := varints(r.t, []byte(m.text(1)))
		for i := 0; i < len(refs); i += 2 {
			add(r.symbols[refs[i]], r.symbols[refs[i+1]])
		}
	}
	return "{" + strings.Join(texts, ",") + "}"
}
