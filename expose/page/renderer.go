package page

import (
	"hash/crc32"
	"slices"
	"sync"

	"weir/aggregate"
	"weir/expose/format"
)

// chunk is a part of an exposition as responses write it.
type chunk struct {
	bytes []byte // compressed, when the exposition is
	size  int    // before that
	crc   uint32 // the same, when it is compressed
}

// cursor is a place in an exposition. It can be copied: each copy goes on by itself.
type cursor struct {
	names   format.Names
	pages   []*page
	at      int // the next page
	isAtEnd bool
}

// renderer renders the pages of an exposition one after the other. It belongs to one goroutine, and reuses
// its buffers.
type renderer struct {
	cursor

	encoding format.Encoding
	escaping format.Escaping
	encoder  format.Encoder
	reading  *format.Reading
	registry *aggregate.Registry
	deflater *deflater    // nil when the exposition is plain
	budget   *cacheBudget // for pages that are kept; nil when none are
	grouping *grouping    // of the pages, with a budget

	text, compressed []byte // scratch; chunks lie in them
	chunks           []chunk
}

// next renders a page, all pages of a family, or the end. The chunks are valid until the next call; it
// returns none when the exposition is whole.
func (r *renderer) next() []chunk {
	r.text, r.compressed, r.chunks = r.text[:0], r.compressed[:0], r.chunks[:0]
	switch {
	case r.at < len(r.pages):
		p := r.pages[r.at]
		r.at++
		if p.begins() && r.encoder.HeaderNeedsSize() {
			r.renderFamily(p)
		} else {
			r.chunks = append(r.chunks, r.render(p))
		}
	case !r.isAtEnd:
		r.isAtEnd = true
		for _, self := range r.names.Self {
			r.text = r.encoder.AppendSelf(r.text, self, &r.names)
		}
		r.text = r.encoder.AppendEnd(r.text)
		r.chunks = append(r.chunks, r.finish(r.text))
	}
	return r.chunks
}

// renderFamily renders all pages of a large family, whose header depends on their size.
func (r *renderer) renderFamily(first *page) {
	r.chunks = append(r.chunks, chunk{}, r.render(first))
	for r.at < len(r.pages) && r.pages[r.at].continues(first) {
		r.chunks = append(r.chunks, r.render(r.pages[r.at]))
		r.at++
	}
	size := 0
	for i := range r.chunks {
		size += r.chunks[i].size
	}
	start := len(r.text)
	r.text = r.encoder.AppendHeader(r.text, &first.runs[0].family, size)
	r.chunks[0] = r.finish(r.text[start:])
}

// render renders a page, or returns the kept chunk when no value has changed.
func (r *renderer) render(p *page) chunk {
	r.reading.Reset()
	for i := range p.runs {
		run := &p.runs[i]
		r.reading.Read(run.family.Family, run.series)
	}
	if r.budget == nil {
		return r.encode(p)
	}
	fingerprint := r.reading.Fingerprint()
	if p.kept == nil || p.kept.fingerprint != fingerprint {
		if p.isLarge {
			r.budget.take(r.grouping.note(p, r.reading))
		}
		p.kept = &kept{fingerprint, r.encode(p)}
	} else {
		r.budget.held += len(p.kept.chunk.bytes)
		if r.reading.Values.HasZeros() {
			r.registry.Offered(&r.reading.Values)
		}
	}
	r.budget.held += p.history.size()
	return p.kept.chunk
}

// encode encodes a page whose values are read, and tells the registry that they are about to leave.
func (r *renderer) encode(p *page) chunk {
	r.registry.Offered(&r.reading.Values)
	r.reading.Rewind()
	start := len(r.text)
	for i := range p.runs {
		run := &p.runs[i]
		switch {
		case !p.isLarge:
			r.text = r.encoder.AppendFamily(r.text, &run.family, run.series, r.reading)
			continue
		case run.isFirst && !r.encoder.HeaderNeedsSize():
			r.text = r.encoder.AppendHeader(r.text, &run.family, 0)
		}
		r.text = r.encoder.AppendSeries(r.text, &run.family, run.series, r.reading)
	}
	return r.finish(r.text[start:])
}

// finish makes a chunk of a text: compressed, if the exposition is, and copied, if pages are kept.
func (r *renderer) finish(text []byte) chunk {
	c := chunk{bytes: text, size: len(text)}
	if r.deflater != nil {
		start := len(r.compressed)
		r.compressed = r.deflater.append(r.compressed, text)
		c.bytes, c.crc = r.compressed[start:], crc32.ChecksumIEEE(text)
	}
	if r.budget != nil {
		c.bytes = slices.Clone(c.bytes)
		r.budget.take(len(c.bytes))
		r.budget.held += len(c.bytes)
	}
	return c
}

// renderers keep renderers.
type renderers struct {
	pools [format.NumEncodings][format.NumEscapings]sync.Pool
}

// get returns a renderer for a variant, which is nowhere yet.
func (p *renderers) get(c *Cache, v *variant, isGzip bool) *renderer {
	r, ok := p.pools[v.Encoding][v.Escaping].Get().(*renderer)
	if !ok {
		r = &renderer{encoding: v.Encoding, escaping: v.Escaping, registry: c.source.Registry}
		r.encoder = format.NewEncoder(v.Encoding, v.Escaping, c.options.HasCreated)
		r.reading = format.NewReading(v.Encoding)
	}
	r.reading.HasExemplars = v.Encoding.HasExemplars() && c.source.Registry.KeepsExemplars()
	r.grouping = &v.grouping
	if isGzip {
		r.deflater = c.deflaters.get()
	}
	return r
}

func (p *renderers) put(c *Cache, r *renderer) {
	if r.deflater != nil {
		c.deflaters.put(r.deflater)
	}
	const most = 4 << 20 // buffers that a huge family made grow are freed
	if cap(r.text) > most || cap(r.compressed) > most {
		r.text, r.compressed = nil, nil
	}
	clear(r.chunks[:cap(r.chunks)])
	r.reading.Release()
	r.cursor, r.deflater, r.budget, r.grouping = cursor{}, nil, nil, nil
	p.pools[r.encoding][r.escaping].Put(r)
}
