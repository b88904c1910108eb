package prw

import (
	"fmt"
	"testing"
)

// BenchmarkSymbols finds the references of 2,000 series with three labels, the symbols of one request, beside a
// map of strings.
//
//	go test -run xxx -bench Symbols ./expose/remote/prw
func BenchmarkSymbols(b *testing.B) {
	var texts []string
	for i := range 2000 {
		texts = append(texts, "method", "get", "path", fmt.Sprintf("/api/v1/items/%d", i%250), "status",
			fmt.Sprint(200+i/250))
	}
	b.Run("table", func(b *testing.B) {
		s := newSymbols()
		b.ReportAllocs()
		for b.Loop() {
			s.reset()
			for _, text := range texts {
				s.ofString(text)
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		refs, all := make(map[string]uint32), []string{}
		b.ReportAllocs()
		for b.Loop() {
			clear(refs)
			all = all[:0]
			for _, text := range texts {
				if _, ok := refs[text]; !ok {
					refs[text] = uint32(len(all))
					all = append(all, text)
				}
			}
		}
	})
}

// A table that has grown gives every text the reference that it had.
func TestSymbolsKeepReferences(t *testing.T) {
	s := newSymbols()
	for round := range 3 {
		for i := range 1000 {
			text := fmt.Sprint("text ", i)
			if got := s.ofString(text); got != uint32(i+1) {
				t.Fatalf("round %d: %q is %d, want %d", round, text, got, i+1)
			}
			if got := s.ofBytes([]byte(text)); got != uint32(i+1) {
				t.Fatalf("round %d: the bytes of %q are %d, want %d", round, text, got, i+1)
			}
		}
	}
	if s.ofString("") != 0 || s.count != 1001 {
		t.Errorf("%d symbols, the empty one is %d", s.count, s.ofString(""))
	}
	if s.reset(); s.ofString("text 5") != 1 {
		t.Error("a reference of the request before")
	}
}
