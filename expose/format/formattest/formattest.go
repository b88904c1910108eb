package formattest

import (
	"bytes"
	"errors"
	"io"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"weir/aggregate"
	"weir/expose/format"
	"weir/protocol"
)

// T is what the functions need of a test: one of testing or of rapid.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Exposition says how a registry is encoded.
type Exposition struct {
	// Format is the format; the zero value is text.
	Format format.Format
	// Escaping is that of names.
	Escaping format.Escaping
	// HasCreated adds the lines of OpenMetrics that say when series were created.
	HasCreated bool
	// InParts has every series written as a part of its family.
	InParts bool
	// Self are weir's own families, sorted by name.
	Self []*dto.MetricFamily
}

// Encode returns the exposition of a registry.
func (x Exposition) Encode(registry *aggregate.Registry) (text []byte) {
	encoding := x.Format.Encoding()
	encoder := format.NewEncoder(encoding, x.Escaping, x.HasCreated)
	reading := format.NewReading()
	names := format.Names{Families: registry.Snapshot().Families, Self: x.Self}
	for _, f := range names.Families {
		if names.HasSelf(f.Name()) {
			continue
		}
		family := names.Family(f.Family, x.Escaping)
		reading.Reset()
		reading.Read(f.Family, f.Series)
		reading.Rewind(encoding)
		if !x.InParts {
			text = encoder.AppendFamily(text, &family, f.Series, reading)
			continue
		}
		var parts []byte
		for i := range f.Series {
			parts = encoder.AppendSeries(parts, &family, f.Series[i:i+1], reading)
		}
		text = append(encoder.AppendHeader(text, &family, len(parts)), parts...)
	}
	for _, f := range x.Self {
		text = encoder.AppendSelf(text, f, &names)
	}
	return encoder.AppendEnd(text)
}

// Record records lines like "name:value|kind|#tags".
func Record(t T, shard *aggregate.Shard, lines ...string) {
	t.Helper()
	for _, line := range lines {
		var d protocol.Decoder
		d.Reset([]byte(line))
		d.Next()
		sample, err := d.Sample()
		if err != nil {
			t.Fatalf("decode %q: %v", line, err)
		}
		if reason := shard.Record(sample); reason != protocol.ReasonNone {
			t.Fatalf("record %q: %v", line, reason)
		}
	}
}

// Parse reads text, and checks what the parser lets pass: families are contiguous, each begins with its TYPE,
// and no sample occurs twice.
func Parse(t T, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("the exposition is invalid: %v\n%s", err, text)
	}
	seen, current := map[string]bool{}, ""
	for line := range strings.Lines(string(text)) {
		key := line
		switch {
		case strings.HasPrefix(line, "# TYPE "):
			current = strings.Fields(line)[2]
		case strings.HasPrefix(line, "# HELP "):
			current = ""
		case current == "" || !strings.HasPrefix(line, current):
			t.Fatalf("line %q does not belong to family %q before it", line, current)
		default:
			key = line[:strings.LastIndexByte(line, ' ')]
		}
		if seen[key] || !strings.HasSuffix(line, "\n") || line == "\n" {
			t.Fatalf("line %q is blank, cut or repeated", line)
		}
		seen[key] = true
	}
	return families
}

// Decode reads delimited messages.
func Decode(t T, r io.Reader) (families []*dto.MetricFamily) {
	t.Helper()
	decoder := expfmt.NewDecoder(r, expfmt.FmtProtoDelim)
	for {
		f := &dto.MetricFamily{}
		err := decoder.Decode(f)
		if errors.Is(err, io.EOF) {
			return families
		}
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		families = append(families, f)
	}
}
