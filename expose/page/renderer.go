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
	values  []*format.Saved // of the pages; the last pages may have none, and are read when they are rendered
	at      int             // the next page
	isAtEnd bool
}

// renderer renders the pages of an exposition one after the other. It belongs to one goroutine, and reuses
// its buffers.
type renderer struct {
	cursor

	variant  int // its number
	encoding format.Encoding
	escaping format.Escaping
	encoder  format.Encoder
	reading  *format.Reading
	registry *aggregate.Registry
	deflater *deflater    // nil when the exposition is plain
	budget   *cacheBudget // for pages that are kept; nil when none are
	encoded  int          // pages whose kept bytes were not of use

	family           format.Family // scratch
	text, compressed []byte        // scratch; chunks lie in them
	chunks           []chunk
}

// next renders a page, all pages of a family, or the end. The chunks are valid until the next call; it
// returns none when the exposition is whole.
func (r *renderer) next() []chunk {
	r.text, r.compressed, r.chunks = r.text[:0], r.compressed[:0], r.chunks[:0]
	switch {
	case r.at < len(r.pages):
		if p := r.pages[r.at]; p.begins() && r.encoder.HeaderNeedsSize() {
			r.renderFamily(p)
		} else {
			r.chunks = append(r.chunks, r.render())
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
	r.chunks = append(r.chunks, chunk{}, r.render())
	for r.at < len(r.pages) && r.pages[r.at].continues(first) {
		r.chunks = append(r.chunks, r.render())
	}
	size := 0
	for i := range r.chunks {
		size += r.chunks[i].size
	}
	start := len(r.text)
	r.family = first.runs[0].family.Under(r.escaping)
	r.text = r.encoder.AppendHeader(r.text, &r.family, size)
	r.chunks[0] = r.finish(r.text[start:])
}

// countChanged returns how many of the pages are to be encoded.
func (r *renderer) countChanged() (n int) {
	if r.budget == nil {
		return len(r.pages)
	}
	for i, p := range r.pages {
		if i >= len(r.values) || !r.isKept(p, r.values[i]) {
			n++
		}
	}
	return n
}

// isKept reports whether the kept chunk of a page shows these values.
func (r *renderer) isKept(p *page, v *format.Saved) bool {
	kept := p.kept[r.variant]
	return kept != nil && kept.version == v.Version(r.encoding)
}

// render renders the next page, or returns the kept chunk when no value has changed.
func (r *renderer) render() chunk {
	p, i := r.pages[r.at], r.at
	r.at++
	if i >= len(r.values) {
		if r.budget != nil {
			r.budget.isFull = true
		}
		p.read(r.reading)
		r.registry.Offered(&r.reading.Values)
		r.reading.Rewind(r.encoding)
		return r.encode(p)
	}
	v := r.values[i]
	if r.budget != nil && r.isKept(p, v) {
		kept := p.kept[r.variant]
		r.budget.held += len(kept.chunk.bytes)
		return kept.chunk
	}
	r.reading.Load(v, r.encoding)
	c := r.encode(p)
	if r.budget != nil {
		p.kept[r.variant] = &kept{v.Version(r.encoding), c}
	}
	return c
}

// encode encodes a page whose values were read or loaded.
func (r *renderer) encode(p *page) chunk {
	r.encoded++
	start := len(r.text)
	for i := range p.runs {
		run := &p.runs[i]
		r.family = run.family.Under(r.escaping)
		switch {
		case !p.isLarge:
			r.text = r.encoder.AppendFamily(r.text, &r.family, run.series, r.reading)
			continue
		case run.isFirst && !r.encoder.HeaderNeedsSize():
			r.text = r.encoder.AppendHeader(r.text, &r.family, 0)
		}
		r.text = r.encoder.AppendSeries(r.text, &r.family, run.series, r.reading)
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
		r.reading = format.NewReading()
	}
	r.variant, r.encoded = v.number, 0
	r.reading.HasExemplars = c.source.Registry.KeepsExemplars()
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
	r.cursor, r.deflater, r.budget, r.family = cursor{}, nil, nil, format.Family{}
	p.pools[r.encoding][r.escaping].Put(r)
}
