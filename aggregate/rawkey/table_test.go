package rawkey_test

import (
	"hash/maphash"
	"strings"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"weir/aggregate/rawkey"
)

func TestSlotSize(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) == 8 && rawkey.SlotSize != rawkey.SlotBytes {
		t.Errorf("a slot has %d bytes, want %d", rawkey.SlotSize, rawkey.SlotBytes)
	}
}

// Two tables that share an arena do what two maps do.
func TestTableEqualsMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := maphash.MakeSeed()
		keys := rawkey.NewArena(seed)
		var tables [2]rawkey.Table[int]
		maps := [2]map[[2]string]*int{{}, {}}
		part := rapid.StringOfN(rapid.RuneFrom([]rune("ab:")), 0, 3, -1)
		for i := range rapid.IntRange(1, 300).Draw(t, "operations") {
			which := rapid.IntRange(0, 1).Draw(t, "table")
			name, tags := part.Draw(t, "name"), part.Draw(t, "tags")
			key := rawkey.New(seed, []byte(name), []byte(tags))
			want := maps[which][[2]string{name, tags}]
			if got := tables[which].Find(&key, &keys); got != want {
				t.Fatalf("Find(%q, %q) = %p, want %p", name, tags, got, want)
			}
			cell := &i
			tables[which].Insert(&key, cell, &keys)
			maps[which][[2]string{name, tags}] = cell
		}
		for i := range tables {
			if got, want := tables[i].Len(), len(maps[i]); got != want {
				t.Fatalf("%d keys, want %d", got, want)
			}
		}
	})
}

// Keys survive when a table grows, also those beyond the first block of the arena.
func TestTableGrows(t *testing.T) {
	const n = 50_000
	seed := maphash.MakeSeed()
	keys := rawkey.NewArena(seed)
	var table rawkey.Table[int]
	key := func(i int) *rawkey.Key {
		k := rawkey.New(seed, []byte("name"), []byte{byte(i), byte(i >> 8), byte(i >> 16)})
		return &k
	}
	for i := range n {
		table.Insert(key(i), &i, &keys)
	}
	for i := range n {
		if got := table.Find(key(i), &keys); got == nil || *got != i {
			t.Fatalf("key %d: %v", i, got)
		}
	}
	if table.Len() != n || table.Slots() < n || table.Bytes() != table.Slots()*rawkey.SlotBytes {
		t.Errorf("%d keys in %d slots of %d bytes", table.Len(), table.Slots(), table.Bytes())
	}
	if got := keys.Bytes(); got < n*16 || got > n*16+64<<10 {
		t.Errorf("the keys take %d bytes, want about 16 each", got)
	}
}

// Keys made to collide cost a bounded walk: those beyond it are not kept.
func TestCollidingKeysAreBounded(t *testing.T) {
	f := func(n int) (found int) {
		var keys rawkey.Arena
		table := rawkey.NewTable[int](1 << 13)
		key := func(i int) *rawkey.Key {
			return &rawkey.Key{Name: []byte{byte(i), byte(i >> 8), 1}, Hash: 42}
		}
		for i := range n {
			table.Insert(key(i), &i, &keys)
		}
		for i := range n {
			if table.Find(key(i), &keys) != nil {
				found++
			}
		}
		return found
	}
	if got := f(100); got != 100 {
		t.Errorf("found %d of 100 colliding keys again", got)
	}
	if got := f(2000); got < 100 || got > 128 {
		t.Errorf("found %d of 2000 colliding keys again, want about 128", got)
	}
}

func TestLongKeysAreNotKept(t *testing.T) {
	seed := maphash.MakeSeed()
	keys := rawkey.NewArena(seed)
	var table rawkey.Table[int]
	key := rawkey.New(seed, []byte(strings.Repeat("n", 4000)), []byte(strings.Repeat("t", 97)))
	table.Insert(&key, new(int), &keys)
	if table.Find(&key, &keys) != nil || keys.Bytes() != 0 {
		t.Errorf("a key of 4,097 bytes is kept, in %d bytes", keys.Bytes())
	}
	key = rawkey.New(seed, key.Name, key.Tags[1:])
	table.Insert(&key, new(int), &keys)
	if table.Find(&key, &keys) == nil {
		t.Error("a key of 4,096 bytes is not kept")
	}
}

// A name with tags is another key than the same bytes cut elsewhere, and than both the other way round.
func TestHash(t *testing.T) {
	seed := maphash.MakeSeed()
	seen := make(map[uint64]string)
	for _, k := range [][2]string{{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"}, {"c", "ab"}, {"bc", "a"}} {
		h := rawkey.Hash(seed, []byte(k[0]), []byte(k[1]))
		if other, found := seen[h]; found {
			t.Errorf("%q and %s have one hash", k, other)
		}
		seen[h] = k[0] + "|" + k[1]
	}
}

// Peek gives the cell of the key whose hash it is, unless another key has its slot.
func TestPeek(t *testing.T) {
	seed := maphash.MakeSeed()
	keys := rawkey.NewArena(seed)
	var table rawkey.Table[int]
	if ref, cell := table.Peek(1); ref != 0 || cell != nil || keys.Peek(ref) != 0 {
		t.Errorf("an empty table: %v, %v, %v", ref, cell, keys.Peek(ref))
	}
	key := rawkey.New(seed, []byte("name"), []byte("tags"))
	table.Insert(&key, new(int), &keys)
	ref, cell := table.Peek(key.Hash)
	if cell != table.Find(&key, &keys) || keys.Peek(ref) == 0 {
		t.Errorf("Peek: %v at %v, want the cell", cell, ref)
	}
}
