// Package format encodes families: the bytes of the line "response" of weir's straight line.
//
//	values    Reading    the values and exemplars of series, each read once
//	family    Encoder    text, OpenMetrics or protobuf; header, series, framing
//	request   Negotiate  which of them a scraper asks for, and under which Escaping
//
// An [Encoder] owns the framing of its encoding: whoever calls it never asks which encoding it is. A family
// is appended whole, or in parts when it is cut into pages; [Encoder.HeaderNeedsSize] says whether the parts
// must be known before the header is written.
//
// # Who may call what
//
// Package page encodes pages, package expose negotiates. Everything here may be used without them:
//
//	encoder := format.NewEncoder(format.EncodingText, format.EscapeUnderscores, false)
//	names := format.Names{Families: registry.Snapshot().Families}
//	family := names.Family(f.Family, format.EscapeUnderscores)
//	reading := format.NewReading()
//	reading.Read(f.Family, f.Series)
//	reading.Rewind(format.EncodingText)
//	text = encoder.AppendFamily(text, &family, f.Series, reading)
//
// # Memory model
//
// An Encoder and a Reading belong to one goroutine: they reuse their buffers. [Names], [Family], [Saved]
// and [Media] do not change, and may be shared. Values are read beside the loops that write them; reading
// changes nothing.
//
// The most important names: [Encoder], [NewEncoder], [Encoding], [Reading], [Saved], [Names], [Family],
// [Escaping], [Negotiate], [AcceptsGzip], [Media].
package format
