package prw

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/aggregate"
	"weir/expose/remote/point"
)

// request is the series of a request as they are written, and what the next series are made of.
type request struct {
	writer writer

	series  []byte
	samples int

	// What is at hand.
	family    family
	labels    labelSet
	exemplars exemplars
	at        point.Point
	time      []byte // the timestamp of a float
	times     []byte // with the start timestamp, if there is one
	body      []byte // what follows the labels of a series

	native native // scratch
}

func (r *request) reset() {
	r.series, r.samples = r.series[:0], 0
	r.family.of, r.family.name = nil, ""
	if r.writer.version == Version2 {
		r.writer.symbols.reset()
	}
}

// setPoint sets when and what is written.
func (r *request) setPoint(p point.Point) {
	if r.writer.version == Version1 || p.What != point.Value || p.Start >= p.At {
		p.Start = 0
	}
	if p == r.at && len(r.time) > 0 { // Fast path: series after series has the same.
		return
	}
	r.at = p
	r.time = appendNumber(r.time[:0], sampleTime, uint64(p.At))
	r.times = appendNumber(append(r.times[:0], r.time...), sampleStart2, uint64(p.Start))
}

// addFloat adds a series of one float that was read. Its name and the label of a bucket or quantile, if it
// has one, are labels as they are written; times is one of those of the request.
func (r *request) addFloat(name, last []byte, read float64, times []byte, x *aggregate.Exemplar) {
	if math.IsNaN(read) {
		read = math.NaN() // the one that is no marker
	}
	bits := math.Float64bits(r.at.Float(read))
	const float = 1 + 8
	size := len(times)
	if bits != 0 {
		size += float
	}
	r.body = protowire.AppendTag(r.body[:0], seriesSamples, protowire.BytesType)
	r.body = protowire.AppendVarint(r.body, uint64(size))
	if bits != 0 {
		r.body = protowire.AppendTag(r.body, sampleValue, protowire.Fixed64Type)
		r.body = protowire.AppendFixed64(r.body, bits)
	}
	r.body = append(r.body, times...)
	if x != nil {
		r.body = r.exemplars.append(r.body, &r.writer, x)
	}
	r.add(name, last)
}

// addHistogram adds a series of one native histogram, whose words begin with the schema.
func (r *request) addHistogram(sum float64, buckets aggregate.Words, all []*aggregate.Exemplar) {
	x := newest(all)
	r.body = r.body[:0]
	if x != nil && r.writer.version == Version1 {
		r.body = r.exemplars.append(r.body, &r.writer, x)
	}
	field := protowire.Number(seriesHistograms1)
	if r.writer.version == Version2 {
		field = seriesHistograms2
	}
	r.body = r.native.append(r.body, field, sum, buckets, r.at)
	if x != nil && r.writer.version == Version2 {
		r.body = r.exemplars.append(r.body, &r.writer, x)
	}
	r.add(r.family.base, nil)
}

// add adds a series with the labels and the body at hand.
func (r *request) add(name, last []byte) {
	text, gaps := r.labels.text, &r.labels.gaps
	labels := len(text) + len(name) + len(last)
	size := labels + len(r.body) + len(r.family.metadata)
	dst := r.series
	if r.writer.version == Version1 {
		dst = protowire.AppendTag(dst, requestSeries1, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(size))
	} else {
		size += 1 + protowire.SizeVarint(uint64(labels))
		dst = protowire.AppendTag(dst, requestSeries2, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(size))
		dst = protowire.AppendTag(dst, seriesLabels, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(labels))
	}
	dst = append(append(dst, text[:gaps[0]]...), name...)
	dst = append(append(dst, text[gaps[0]:gaps[1]]...), last...)
	dst = append(append(dst, text[gaps[1]:]...), r.body...)
	dst = append(dst, r.family.metadata...)
	r.series = dst
	r.samples++
}
