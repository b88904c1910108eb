package expose

import (
	"hash/crc32"
	"slices"

	"weir/aggregate"
)

// piece is a part of an exposition as it goes out.
type piece struct {
	bytes []byte // compressed, when the exposition is
	size  int    // before that
	crc   uint32 // the same, when it is compressed

	marks []uint8 // of a page of a large family that is kept: of the values of each series, see reader.mark
}

// place is where in an exposition a renderer is. It can be copied: each copy goes on by itself.
type place struct {
	names names
	pages []*page
	at    int // the next page
	ended bool
}

// renderer renders the pages of an exposition one after the other. It belongs to one goroutine; what it has
// allocated is used again.
type renderer struct {
	place

	body     body
	escaping escaping
	syntax   syntax
	reader   reader
	rest     aggregate.Words // of reader's, those that are not rendered yet
	registry *aggregate.Registry
	pack     *deflater  // nil when the exposition is plain
	packs    *deflaters // where it belongs

	// What keeps pages; nil when none are.
	keeper *keeper

	marks []uint8 // of the page

	text, packed []byte // scratch; pieces lie in them
	pieces       []piece

	lead     []byte // the beginning, plain
	leadSize int    // how much of it is wanted
}

// keeper decides what is kept, and how much of it there is.
type keeper struct {
	room  func(n int) bool // takes room for n bytes, and reports whether that much is left
	fresh int              // bytes that were taken
	full  bool             // there was no room

	wasted int // series of large families that were rendered anew though they had not changed
}

// next renders what comes next: a page, all pages of a family, or the end. The pieces are valid until the
// call after; there are none when the exposition is whole.
func (r *renderer) next() []piece {
	r.text, r.packed, r.pieces = r.text[:0], r.packed[:0], r.pieces[:0]
	switch {
	case r.at < len(r.pages):
		p := r.pages[r.at]
		r.at++
		if r.body == bodyProtobuf && r.at < len(r.pages) && r.pages[r.at].continues(p) {
			r.renderLarge(p)
		} else {
			r.pieces = append(r.pieces, r.render(p))
		}
	case !r.ended:
		r.ended = true
		for _, own := range r.names.own {
			r.text = r.syntax.appendOwn(r.text, own, &r.names)
		}
		r.text = r.syntax.appendEnd(r.text)
		r.addLead(r.text)
		r.pieces = append(r.pieces, r.finish(r.text))
	}
	return r.pieces
}

// renderLarge renders a family of several pages for protobuf: what begins its message has the length of all.
func (r *renderer) renderLarge(first *page) {
	r.leadSize = 0 // it is more than is wanted
	r.pieces = append(r.pieces, piece{}, r.render(first))
	for r.at < len(r.pages) && r.pages[r.at].continues(first) {
		r.pieces = append(r.pieces, r.render(r.pages[r.at]))
		r.at++
	}
	start := len(r.text)
	r.text = r.syntax.appendHeader(r.text, &first.runs[0].family)
	size := len(r.text) - start
	for _, p := range r.pieces {
		size += p.size
	}
	header := slices.Clone(r.text[start:])
	r.text = appendLength(r.text[:start], size)
	r.text = append(r.text, header...)
	r.pieces[0] = r.finish(r.text[start:])
}

// render renders a page, or returns what is kept of it when no value changed.
func (r *renderer) render(p *page) piece {
	r.reader.begin()
	r.marks = r.marks[:0]
	for i := range p.runs {
		r.reader.read(&p.runs[i].family, p.runs[i].series)
	}
	if r.keeper != nil && p.isLarge {
		for i := range r.reader.values.Len() {
			r.marks = append(r.marks, r.reader.mark(i))
		}
	}
	fold, unchanged := uint64(0), false
	if r.keeper != nil {
		fold = r.reader.fold()
		unchanged = p.kept != nil && p.kept.fold == fold
	}
	if unchanged && len(r.lead) >= r.leadSize {
		return p.kept.piece
	}
	if !unchanged && p.isLarge && r.keeper != nil && p.kept != nil {
		r.keeper.wasted += p.noteChanges(r.marks)
	}
	r.registry.Offered(&r.reader.values)
	start := len(r.text)
	r.rest, r.reader.exemplars.rest = r.reader.values.Words(), r.reader.exemplars.read
	r.appendPage(p)
	r.addLead(r.text[start:])
	if unchanged {
		return p.kept.piece
	}
	rendered := r.finish(r.text[start:])
	if r.keeper != nil {
		rendered.marks = slices.Clone(r.marks)
		r.keeper.take(len(rendered.marks))
		p.kept = &kept{fold, rendered}
	}
	return rendered
}

// noteChanges notes which series of a page have changed since it was kept, and returns how many have not.
func (p *page) noteChanges(marks []uint8) (same int) {
	if p.changed == nil {
		p.changed = make([]bool, len(marks))
	}
	for i, mark := range marks {
		if mark == p.kept.piece.marks[i] {
			same++
		} else {
			p.changed[i] = true
		}
	}
	return same
}

// appendPage appends a page to the text. A large family of protobuf is put together elsewhere.
func (r *renderer) appendPage(p *page) {
	for i := range p.runs {
		run := &p.runs[i]
		start := len(r.text)
		whole := len(p.runs) > 1 || run.first && (r.at == len(r.pages) || !r.pages[r.at].continues(p))
		if run.first && (r.body != bodyProtobuf || whole) {
			r.text = r.syntax.appendHeader(r.text, &run.family)
		}
		for _, s := range run.series {
			r.text = r.syntax.appendSeries(r.text, &run.family, s, &r.rest)
		}
		if r.body == bodyProtobuf && whole {
			r.text = insertLength(r.text, start)
		}
	}
}

// finish makes a piece of a rendered text: compressed, if the exposition is, and copied, if pages are kept.
func (r *renderer) finish(text []byte) piece {
	p := piece{bytes: text, size: len(text)}
	if r.pack != nil {
		start := len(r.packed)
		r.packed = r.pack.append(r.packed, text)
		p.bytes, p.crc = r.packed[start:], crc32.ChecksumIEEE(text)
	}
	if r.keeper != nil {
		p.bytes = slices.Clone(p.bytes)
		r.keeper.take(len(p.bytes))
	}
	return p
}

func (k *keeper) take(n int) {
	if k.full = k.full || !k.room(n); !k.full {
		k.fresh += n
	}
}

// addLead adds to the plain beginning, as long as it is wanted.
func (r *renderer) addLead(text []byte) {
	if len(r.lead) < r.leadSize {
		r.lead = append(r.lead, text...)
	}
}
