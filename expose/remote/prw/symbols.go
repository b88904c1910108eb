package prw

import (
	"hash/maphash"

	"google.golang.org/protobuf/encoding/protowire"
)

// symbols are the texts of a request of version 2.0, each once. A reference is the number of one.
//
// The bytes that are sent are the only copy of them, and an open-addressed table finds them there. So a
// request keeps no label set alive, and a new text costs no allocation.
type symbols struct {
	fields []byte // of the request: what was referred to, in order
	count  uint32 // how many there are
	table  []symbol
	seed   maphash.Seed
}

// symbol is a place in the table.
type symbol struct {
	hash  uint32
	ref   uint32 // 0 when the place is free: the symbol of that number is "", which is not in the table
	start uint32 // where the text begins in fields
	size  uint32
}

const firstSymbols = 64 // places of a new table

func newSymbols() symbols {
	s := symbols{seed: maphash.MakeSeed(), table: make([]symbol, firstSymbols)}
	s.reset()
	return s
}

// reset makes the empty text the only one.
func (s *symbols) reset() {
	clear(s.table)
	s.fields = appendText(s.fields[:0], requestSymbols2, "")
	s.count = 1
}

// ofString returns the reference of a text.
func (s *symbols) ofString(text string) uint32 {
	return find(s, uint32(maphash.String(s.seed, text)), text)
}

// ofBytes returns the reference of a text.
func (s *symbols) ofBytes(text []byte) uint32 {
	return find(s, uint32(maphash.Bytes(s.seed, text)), text)
}

// find returns the reference of a text, which it adds if it is new.
func find[T ~string | ~[]byte](s *symbols, hash uint32, text T) uint32 {
	if len(text) == 0 {
		return 0
	}
	mask := uint32(len(s.table) - 1)
	i := hash & mask
	for ; s.table[i].ref != 0; i = (i + 1) & mask {
		if x := &s.table[i]; x.hash == hash && string(s.fields[x.start:x.start+x.size]) == string(text) {
			return x.ref
		}
	}
	ref := s.count
	s.fields = protowire.AppendTag(s.fields, requestSymbols2, protowire.BytesType)
	s.fields = protowire.AppendVarint(s.fields, uint64(len(text)))
	s.table[i] = symbol{hash: hash, ref: ref, start: uint32(len(s.fields)), size: uint32(len(text))}
	s.fields = append(s.fields, text...)
	s.count++
	if int(s.count) > len(s.table)/2 {
		s.grow()
	}
	return ref
}

// grow doubles the table.
func (s *symbols) grow() {
	old := s.table
	s.table = make([]symbol, 2*len(old))
	mask := uint32(len(s.table) - 1)
	for _, x := range old {
		if x.ref == 0 {
			continue
		}
		i := x.hash & mask
		for s.table[i].ref != 0 {
			i = (i + 1) & mask
		}
		s.table[i] = x
	}
}
