package journal_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"weir/aggregate/journal"
)

func create(t testing.TB, maxBytes int64) (j *journal.Journal, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "journal")
	j, err := journal.Create(path, 7, maxBytes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j, path
}

// entries returns what a journal has, by head; of a head with more than one entry the last one.
func entries(c *journal.Contents) map[string][]uint64 {
	all := make(map[string][]uint64)
	for e := range c.Entries() {
		all[string(e.Head)] = slices.Clone(e.Words)
	}
	return all
}

// A kill after any store leaves the old words or the new words of the entry that is being written, and the last
// words of all others.
func TestKillAfterEachStore(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		path, killed := filepath.Join(dir, "journal"), filepath.Join(dir, "killed")
		j, err := journal.Create(path, 7, 4<<20)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Remove()
		model, places := map[string][]uint64{}, map[string]journal.Place{}
		var writing string
		var next []uint64
		kill := rapid.IntRange(0, 200).Draw(t, "kill after")
		j.OnStore(func() {
			if kill--; kill > 0 {
				return
			}
			kill = 50
			if err := j.Copy(killed); err != nil {
				t.Fatal(err)
			}
			c, err := journal.Read(killed, 7)
			if err != nil {
				t.Fatal(err)
			}
			got := entries(c)
			if words, ok := got[writing]; slices.Equal(words, next) && ok == (next != nil) {
				got[writing] = model[writing] // the new words are as good as the old ones
			}
			for head, want := range model {
				if !slices.Equal(got[head], want) {
					t.Fatalf("%q has %v, want %v", head, got[head], want)
				}
			}
			if len(got) > len(model)+1 {
				t.Fatalf("%d entries, want %d", len(got), len(model))
			}
		})
		words := rapid.SliceOfN(rapid.Uint64(), 0, 20)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			writing = rapid.StringMatching(`[a-e]{0,2}`).Draw(t, "head")
			next = words.Draw(t, "words")
			err := journal.ErrTooLong
			if place := places[writing]; place != 0 {
				err = j.Update(place, next)
			}
			if errors.Is(err, journal.ErrTooLong) {
				places[writing], err = j.Add([]byte(writing), next, rapid.IntRange(0, 30).Draw(t, "capacity"))
			}
			if err != nil {
				t.Fatal(err)
			}
			model[writing] = next
		}
	})
}

// No byte of a journal can be changed, and none can be missing, so that other words are read.
func TestDamaged(t *testing.T) {
	j, path := create(t, 2<<20)
	for i := range 30 {
		place, err := j.Add([]byte(strings.Repeat("h", i)), []uint64{uint64(i), 2, 3}, 4)
		if err == nil && i%2 == 0 {
			err = j.Update(place, []uint64{uint64(i), 20, 30})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	used, _ := j.Size()
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := journal.Read(path, 7)
	if err != nil {
		t.Fatal(err)
	}
	want := entries(c)
	if len(want) != 30 {
		t.Fatalf("%d entries, want 30", len(want))
	}
	f := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(path+"-damaged", content, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := journal.Read(path+"-damaged", 7)
		if err != nil {
			return
		}
		for head, words := range entries(c) {
			if old := want[head]; old == nil || !slices.Equal(words, old) && !slices.Equal(words, []uint64{old[0], 2, 3}) {
				t.Fatalf("%q has %v, want %v", head, words, old)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		damaged := slices.Clone(good)
		for range 1 + random.IntN(3) {
			damaged[random.IntN(int(used))] ^= 1 << random.IntN(8)
		}
		f(damaged)
	}
	f(nil)
	f(good[:100])
	f(good[:len(good)/2])
	f(append(slices.Clone(good), good...))
	f([]byte(strings.Repeat("\xff", journal.BlockBytes)))
}

func TestReadRefuses(t *testing.T) {
	j, path := create(t, 1<<20)
	if _, err := j.Add([]byte("a"), []uint64{1}, 1); err != nil {
		t.Fatal(err)
	}
	f := func(name string, want error, id uint64) {
		t.Helper()
		if _, err := journal.Read(name, id); !errors.Is(err, want) {
			t.Errorf("Read(%s, %d) = %v, want %v", name, id, err, want)
		}
	}
	f(path, nil, 7)
	f(path, journal.ErrDamaged, 8)
	f(path+"-none", fs.ErrNotExist, 7)
	if err := errors.Join(os.Symlink(path, path+"-link"), unix.Mkfifo(path+"-pipe", 0o600), os.Mkdir(path+"-dir", 0o700)); err != nil {
		t.Fatal(err)
	}
	f(path+"-link", unix.ELOOP, 7)
	f(path+"-pipe", journal.ErrDamaged, 7)
	f(path+"-dir", journal.ErrDamaged, 7)

	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[journal.BootByte]++
	journal.Resum(content)
	if err := os.WriteFile(path+"-boot", content, 0o600); err != nil {
		t.Fatal(err)
	}
	f(path+"-boot", journal.ErrOtherBoot, 7)
}

// A journal that has no room for an entry says so, and Read refuses it.
func TestFull(t *testing.T) {
	j, path := create(t, 1<<20)
	place, err := j.Add([]byte("first"), []uint64{1}, 1)
	for err == nil {
		_, err = j.Add([]byte("more"), make([]uint64, 100), 100)
	}
	if !errors.Is(err, journal.ErrFull) || j.IsComplete() {
		t.Errorf("Add = %v, complete %v, want ErrFull", err, j.IsComplete())
	}
	if err := j.Update(place, []uint64{2}); !errors.Is(err, journal.ErrIncomplete) {
		t.Errorf("Update of a full journal = %v, want ErrIncomplete", err)
	}
	if _, err := journal.Read(path, 7); !errors.Is(err, journal.ErrIncomplete) {
		t.Errorf("Read = %v, want ErrIncomplete", err)
	}
}

// Entries go on in further blocks, up to the size that is allowed.
func TestBlocks(t *testing.T) {
	j, path := create(t, 3<<20)
	n := 0
	for ; ; n++ {
		if used, most := j.Size(); used > most-8<<10 {
			break
		}
		if _, err := j.Add([]byte{byte(n), byte(n >> 8)}, []uint64{uint64(n)}, 200); err != nil {
			t.Fatal(err)
		}
	}
	c, err := journal.Read(path, 7)
	if err != nil {
		t.Fatal(err)
	}
	if got := entries(c); len(got) != n {
		t.Errorf("%d entries, want %d", len(got), n)
	}
}

// Somebody who cuts the file short does not kill the process, and the journal is lost.
func TestCutShort(t *testing.T) {
	j, path := create(t, 1<<20)
	place, err := j.Add([]byte("a"), []uint64{1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if err := j.Update(place, []uint64{2}); !errors.Is(err, journal.ErrIncomplete) || j.IsComplete() {
		t.Errorf("Update = %v, want ErrIncomplete", err)
	}
	if _, err := journal.Read(path, 7); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("Read = %v, want ErrDamaged", err)
	}
	if err := errors.Join(j.Close(), j.Remove()); err != nil {
		t.Error(err)
	}
}

// Somebody who makes the file longer does not make weir read the rest into memory.
func TestMadeLonger(t *testing.T) {
	j, path := create(t, 1<<20)
	if _, err := j.Add([]byte("a"), []uint64{1}, 1); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 512<<20); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := journal.Read(path, 7)
	runtime.ReadMemStats(&after)
	if err != nil || len(entries(c)) != 1 {
		t.Errorf("Read = %v, want one entry", err)
	}
	if read := after.TotalAlloc - before.TotalAlloc; read > 8<<20 {
		t.Errorf("read %d bytes", read)
	}
}

// An update allocates nothing.
func TestUpdateAllocatesNothing(t *testing.T) {
	j, _ := create(t, 1<<20)
	place, err := j.Add([]byte("a"), []uint64{1, 2}, 2)
	if err != nil {
		t.Fatal(err)
	}
	words := []uint64{3, 4}
	if n := testing.AllocsPerRun(100, func() { err = j.Update(place, words) }); n != 0 || err != nil {
		t.Errorf("%v allocations, %v", n, err)
	}
}

func BenchmarkUpdate(b *testing.B) {
	j, _ := create(b, 1<<20)
	place, err := j.Add([]byte("a"), []uint64{1, 2}, 2)
	if err != nil {
		b.Fatal(err)
	}
	words := []uint64{3, 4}
	for b.Loop() {
		words[0]++
		if err := j.Update(place, words); err != nil {
			b.Fatal(err)
		}
	}
}
