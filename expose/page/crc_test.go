package page_test

import (
	"hash/crc32"
	"slices"
	"testing"

	"weir/expose/page"
)

func FuzzJoinCRC(f *testing.F) {
	f.Add([]byte(""), []byte(""))
	f.Add([]byte("abc"), []byte(""))
	f.Add([]byte(""), []byte("abc"))
	f.Add([]byte("abc"), make([]byte, 100_000))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		got := page.JoinCRC(crc32.ChecksumIEEE(a), crc32.ChecksumIEEE(b), len(b))
		if want := crc32.ChecksumIEEE(append(slices.Clip(a), b...)); got != want {
			t.Errorf("joined CRC of %q and %q = %x, want %x", a, b, got, want)
		}
	})
}
