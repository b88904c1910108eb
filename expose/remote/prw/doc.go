// Package prw makes requests of Prometheus remote write, 1.0 and 2.0, out of series: part of the line
// "remote" beside weir's straight line. See https://prometheus.io/docs/specs/prw/remote_write_spec/ and
// https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/.
//
//	values   aggregate.Values    what series had when they were read
//	request  Encoder.Add...      the samples of series, one TimeSeries each
//	bytes    Encoder.AppendTo    protobuf, not compressed
//	again    Downgrade           a request of 2.0 for a receiver that has only 1.0
//
// A TimeSeries is written straight into the request. What its samples share, they share as bytes: the labels
// of a series are written once, with gaps for the name and for the label of a bucket; the names of a family
// and the labels of bounds are kept as they are written. Nothing is kept for a series.
//
// In 2.0 every text is a symbol. The table that finds one has the bytes that are sent as its only copy: a map
// of strings would keep label sets alive. BenchmarkSymbols compares them.
//
// # Who may call what
//
// Package remote encodes requests, package delivery sends them. Everything here may be used without them:
//
//	encoder := prw.NewEncoder(prw.Version1, external)
//	values.Read(family, series)
//	for i, s := range series {
//		encoder.Add(family, s, values.Of(i), nil, point.Point{At: now})
//	}
//	request = snappy.Encode(nil, encoder.AppendTo(nil))
//	encoder.Reset()
//
// # Memory model
//
// An [Encoder] belongs to one goroutine: it reuses its buffers, and adding a series allocates nothing once
// they are large enough. What AppendTo appends belongs to the caller. [Downgrade] is a pure function.
//
// The most important names: [Encoder], [NewEncoder], [Version], [Downgrade].
package prw
