package format

import (
	"bytes"
	"strconv"
)

// Format is a content type of the exposition, without its escaping.
type Format uint8

// The formats.
const (
	Text           Format = iota // text 0.0.4, which every scraper reads
	Text1                        // text 1.0.0: the same bytes
	OpenMetrics001               // OpenMetrics 0.0.1: the same bytes as 1.0.0
	OpenMetrics                  // OpenMetrics 1.0.0
	Protobuf                     // delimited messages: the only one with native histograms

	numFormats
)

// Encoding returns the bytes that the format stands for.
func (f Format) Encoding() Encoding {
	switch f {
	case OpenMetrics, OpenMetrics001:
		return EncodingOpenMetrics
	case Protobuf:
		return EncodingProtobuf
	default:
		return EncodingText
	}
}

// Media is the content type of a response.
type Media struct {
	// Format says how families and samples are written.
	Format Format
	// Escaping says how names are written that are not legal for every Prometheus version.
	Escaping Escaping
}

// ContentType returns the value of the header Content-Type.
func (m Media) ContentType() string { return contentTypes[m.Format][m.Escaping] }

var contentTypes = func() (types [numFormats][NumEscapings]string) {
	for f, base := range [numFormats]string{
		Text:           "text/plain; version=0.0.4; charset=utf-8",
		Text1:          "text/plain; version=1.0.0; charset=utf-8",
		OpenMetrics001: "application/openmetrics-text; version=0.0.1; charset=utf-8",
		OpenMetrics:    "application/openmetrics-text; version=1.0.0; charset=utf-8",
		Protobuf: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; " +
			"encoding=delimited",
	} {
		for e, name := range escapings {
			types[f][e] = base + "; escaping=" + name
		}
	}
	return types
}()

// Negotiate returns the content type that the Accept lines of a header like best: the one of most weight,
// the first of equals. A header without a known format gets text 0.0.4, never an error; so does a wildcard,
// since a scraper that wants another format names it. FuzzNegotiate holds it equal to
// expfmt.NegotiateAccept.
func Negotiate(lines [][]byte) Media {
	var best Media
	most := 0.0
	for _, line := range lines {
		for clause := range bytes.SplitSeq(line, []byte(",")) {
			kind, parameters, _ := bytes.Cut(clause, []byte(";"))
			m, ok := offer(kind, parameters)
			if !ok {
				continue
			}
			if w := weight(parameters); w > most {
				best, most = m, w
			}
		}
	}
	return best
}

// offer returns the content type that a clause of Accept asks for; ok is false when weir has no such format.
//
//	application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6
//	^kind                        ^parameters
func offer(kind, parameters []byte) (m Media, ok bool) {
	typ, subtype, _ := bytes.Cut(kind, []byte("/"))
	version := parameter(parameters, "version")
	switch typ, subtype = bytes.TrimSpace(typ), bytes.TrimSpace(subtype); {
	case string(typ) == "text" && string(subtype) == "plain":
		m.Format, ok = oneOfVersions(version, "0.0.4", Text, "1.0.0", Text1)
	case string(typ) != "application":
		return Media{}, false
	case string(subtype) == "openmetrics-text":
		m.Format, ok = oneOfVersions(version, "0.0.1", OpenMetrics001, "1.0.0", OpenMetrics)
	case string(subtype) == "vnd.google.protobuf":
		m.Format = Protobuf
		ok = string(parameter(parameters, "proto")) == "io.prometheus.client.MetricFamily" &&
			string(parameter(parameters, "encoding")) == "delimited"
	}
	wanted := parameter(parameters, "escaping")
	for e, name := range escapings {
		if string(wanted) == name {
			m.Escaping = Escaping(e)
		}
	}
	return m, ok
}

// oneOfVersions returns the format of a version; the older one when no version is asked for.
func oneOfVersions(version []byte, older string, f Format, newer string, g Format) (Format, bool) {
	if string(version) == newer {
		return g, true
	}
	return f, len(version) == 0 || string(version) == older
}

// parameter returns the value of a parameter, nil when it is not there; of several, the last.
func parameter(parameters []byte, name string) (value []byte) {
	for p := range bytes.SplitSeq(parameters, []byte(";")) {
		key, v, _ := bytes.Cut(p, []byte("="))
		v = bytes.TrimSpace(v)
		if string(bytes.TrimSpace(key)) == name && bytes.IndexByte(v, '=') < 0 && len(v) > 0 {
			value = v
		}
	}
	return value
}

// AcceptsGzip reports whether the Accept-Encoding lines of a header allow gzip (RFC 9110, section 12.5.3):
// "gzip" or "*" with a weight above 0; an element that names gzip itself decides.
func AcceptsGzip(lines [][]byte) bool {
	others := false
	for _, line := range lines {
		for element := range bytes.SplitSeq(line, []byte(",")) {
			coding, parameters, _ := bytes.Cut(element, []byte(";"))
			allowed := weight(parameters) > 0
			switch coding = bytes.TrimSpace(coding); {
			case bytes.EqualFold(coding, []byte("gzip")), bytes.EqualFold(coding, []byte("x-gzip")):
				return allowed
			case string(coding) == "*":
				others = allowed
			}
		}
	}
	return others
}

// weight returns the q of a list of parameters: 1 without one, 0 when it is malformed.
func weight(parameters []byte) float64 {
	for parameter := range bytes.SplitSeq(parameters, []byte(";")) {
		name, value, _ := bytes.Cut(parameter, []byte("="))
		if bytes.EqualFold(bytes.TrimSpace(name), []byte("q")) {
			q, err := strconv.ParseFloat(string(bytes.TrimSpace(value)), 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 0
			}
			return q
		}
	}
	return 1
}
