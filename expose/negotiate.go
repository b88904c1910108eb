package expose

import "bytes"

// format is a content type of the exposition, without its escaping.
type format uint8

const (
	formatText     format = iota // text 0.0.4, what every scraper reads
	formatText1                  // text 1.0.0: the same bytes
	formatOpen001                // OpenMetrics 0.0.1: the same bytes as 1.0.0
	formatOpen                   // OpenMetrics 1.0.0
	formatProtobuf               // delimited messages: the one that has native histograms

	numFormats
)

// media is what a response is: its content type.
type media struct {
	format   format
	escaping escaping
}

// contentType returns the value of the header Content-Type.
func (m media) contentType() string { return contentTypes[m.format][m.escaping] }

var contentTypes = func() (types [numFormats][numEscapings]string) {
	for f, base := range [numFormats]string{
		formatText:    "text/plain; version=0.0.4; charset=utf-8",
		formatText1:   "text/plain; version=1.0.0; charset=utf-8",
		formatOpen001: "application/openmetrics-text; version=0.0.1; charset=utf-8",
		formatOpen:    "application/openmetrics-text; version=1.0.0; charset=utf-8",
		formatProtobuf: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; " +
			"encoding=delimited",
	} {
		for e, name := range escapings {
			types[f][e] = base + "; escaping=" + name
		}
	}
	return types
}()

// negotiate returns the content type that the Accept lines of a header like best: the one of most weight, the
// first of equals. What asks for nothing that there is gets text 0.0.4, never an error; so do wildcards, for
// whoever means another format names it. FuzzNegotiate holds it equal to expfmt.NegotiateAccept.
func negotiate(lines [][]byte) media {
	var best media
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

// offer returns the content type that a clause of Accept asks for; ok is false when there is none.
//
//	application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6
//	^kind                        ^parameters
func offer(kind, parameters []byte) (m media, ok bool) {
	typ, subtype, _ := bytes.Cut(kind, []byte("/"))
	version := parameter(parameters, "version")
	switch typ, subtype = bytes.TrimSpace(typ), bytes.TrimSpace(subtype); {
	case string(typ) == "text" && string(subtype) == "plain":
		m.format, ok = oneOfVersions(version, "0.0.4", formatText, "1.0.0", formatText1)
	case string(typ) != "application":
		return media{}, false
	case string(subtype) == "openmetrics-text":
		m.format, ok = oneOfVersions(version, "0.0.1", formatOpen001, "1.0.0", formatOpen)
	case string(subtype) == "vnd.google.protobuf":
		m.format = formatProtobuf
		ok = string(parameter(parameters, "proto")) == "io.prometheus.client.MetricFamily" &&
			string(parameter(parameters, "encoding")) == "delimited"
	}
	wanted := parameter(parameters, "escaping")
	for e, name := range escapings {
		if string(wanted) == name {
			m.escaping = escaping(e)
		}
	}
	return m, ok
}

// oneOfVersions returns the format of a version; the older one when no version is asked for.
func oneOfVersions(version []byte, older string, f format, newer string, g format) (format, bool) {
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
