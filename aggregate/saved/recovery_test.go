package saved_test

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/aggregate/exponential"
	"weir/aggregate/journal"
	"weir/aggregate/saved"
)

// written is a journal that is being written for a test.
type written struct {
	*journal.Journal

	path string
}

func write(t rapid.TB, path string) *written {
	t.Helper()
	j, err := journal.Create(path, 1, 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	return &written{j, path}
}

func (w *written) add(t rapid.TB, head []byte, words ...uint64) journal.Place {
	t.Helper()
	place, err := w.Add(head, words, len(words))
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func (w *written) family(t rapid.TB, f *saved.Family) journal.Place {
	t.Helper()
	head, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return w.add(t, head)
}

func (w *written) contents(t rapid.TB) []*journal.Contents {
	t.Helper()
	c, err := journal.Read(w.path, 1)
	if err != nil {
		t.Fatal(err)
	}
	return []*journal.Contents{c}
}

const now = 1_800_000_000

func bits(f float64) uint64 { return math.Float64bits(f) }

// Every kind of value that an entry can have is read.
func TestRecover(t *testing.T) {
	f := func(family *saved.Family, words []uint64, want saved.Series) {
		t.Helper()
		w := write(t, filepath.Join(t.TempDir(), "journal"))
		defer w.Close()
		head := saved.AppendHead(nil, w.family(t, family), &saved.Series{Labels: `a="b"`, UTF8: `"a.a"="b"`, Created: 5, TTL: 6})
		w.add(t, head, append([]uint64{(now - 10) | saved.CreatedAsZeroBit}, words...)...)
		recovery, err := saved.Recover(w.contents(t), now)
		if err != nil {
			t.Fatal(err)
		}
		want.Labels, want.UTF8, want.Created, want.TTL, want.Idle, want.Newborn = `a="b"`, `"a.a"="b"`, 5, 6, 10, true
		record := *family
		record.Series = []saved.Series{want}
		if diff := cmp.Diff([]*saved.Family{&record}, recovery.Rest()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", family.Form, diff)
		}
	}
	f(&saved.Family{Name: "hits", Form: saved.FormCounter}, []uint64{bits(3)}, saved.Series{Value: 3})
	f(&saved.Family{Name: "size", Form: saved.FormSummary, Window: &saved.Window{Slices: 1, SliceSeconds: 1}},
		[]uint64{bits(3), 2}, saved.Series{Value: 3, Count: 2})
	classic := &saved.Family{Name: "time", Form: saved.FormHistogram, Bounds: []float64{.1, 5}}
	f(classic, []uint64{bits(3), 1, 2, 3}, saved.Series{Value: 3, Buckets: []uint64{1, 2, 3}})
	native := &saved.Family{Name: "time", Form: saved.FormHistogram, Native: &saved.Native{Schema: 3}}
	minusTwo := int64(-2)
	f(native, []uint64{bits(3), 2, bits(.5), 7, 2, uint64(minusTwo), 1, 1, 4, 0}, saved.Series{Value: 3, Native: &saved.Buckets{
		Schema: 2, ZeroThreshold: .5, Zero: 7, PositiveBuckets: []exponential.Bucket{{Index: -2, Count: 1}, {Index: 1, Count: 4}},
	}})
}

// The larger value of the file and of the journal counts, as a whole; a series that was created later counts in any
// case; and one that was shown without being 0 stays so. The last sample is the later one of both.
func TestRaise(t *testing.T) {
	f := func(file, inJournal, want saved.Series) {
		t.Helper()
		w := write(t, filepath.Join(t.TempDir(), "journal"))
		defer w.Close()
		family := saved.Family{Name: "time", Form: saved.FormHistogram, Bounds: []float64{1}}
		meta := uint64(now - int64(inJournal.Idle))
		if inJournal.Newborn {
			meta |= saved.CreatedAsZeroBit
		}
		w.add(t, saved.AppendHead(nil, w.family(t, &family), &inJournal), meta, bits(inJournal.Value), inJournal.Buckets[0], inJournal.Buckets[1])
		recovery, err := saved.Recover(w.contents(t), now)
		if err != nil {
			t.Fatal(err)
		}
		family.Series = []saved.Series{file}
		recovery.Raise(&family, 0)
		if diff := cmp.Diff(want, family.Series[0]); diff != "" {
			t.Errorf("file %+v, journal %+v (-want +got):\n%s", file, inJournal, diff)
		}
		if rest := recovery.Rest(); len(rest) > 0 {
			t.Errorf("there is a rest: %+v", rest)
		}
	}
	series := func(created uint32, sum float64, a, b uint64, isZero bool) saved.Series {
		return saved.Series{Created: created, Value: sum, Buckets: []uint64{a, b}, Newborn: isZero}
	}
	f(series(5, 9, 1, 2, false), series(5, 8, 2, 2, false), series(5, 8, 2, 2, false))
	f(series(5, 9, 3, 2, false), series(5, 8, 2, 2, false), series(5, 9, 3, 2, false))
	f(series(5, 8, 2, 2, false), series(5, 9, 2, 2, false), series(5, 9, 2, 2, false))
	f(series(5, 9, 3, 2, false), series(6, 1, 1, 0, false), series(6, 1, 1, 0, false))
	f(series(6, 1, 1, 0, false), series(5, 9, 3, 2, false), series(6, 1, 1, 0, false))
	f(series(5, 9, 3, 2, true), series(5, 8, 2, 2, false), series(5, 9, 3, 2, false))
	idle := func(x saved.Series, seconds uint32) saved.Series { x.Idle = seconds; return x }
	small, large := series(5, 8, 2, 2, false), series(5, 9, 2, 2, false)
	f(idle(small, 40), idle(large, 10), idle(large, 10))
	f(idle(small, 10), idle(large, 40), idle(large, 10))
	f(idle(large, 40), idle(small, 10), idle(large, 10))
}

// Entries that make no sense are an error, whatever they are, and never a panic.
func TestCraftedEntries(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		w := write(t, filepath.Join(dir, "journal"))
		defer w.Close()
		family := saved.Family{Name: "a", Form: rapid.SampledFrom([]string{
			saved.FormCounter, saved.FormHistogram, saved.FormSummary, "gauge", "",
		}).Draw(t, "form")}
		if rapid.Bool().Draw(t, "classic") {
			family.Bounds = []float64{1, 2}
		}
		if rapid.Bool().Draw(t, "native") {
			family.Native = &saved.Native{}
		}
		place := w.family(t, &family)
		small := rapid.Uint64Range(0, 5)
		words := rapid.SliceOfN(rapid.OneOf(small, rapid.Uint64()), 1, 12).Draw(t, "words")
		head := saved.AppendHead(nil, place, &saved.Series{Labels: rapid.SampledFrom([]string{"", `a="b"`, "a=", `"`}).Draw(t, "labels")})
		if rapid.Bool().Draw(t, "cut") {
			head = head[:rapid.IntRange(0, len(head)-1).Draw(t, "head")]
		}
		w.add(t, head, words...)
		if recovery, err := saved.Recover(w.contents(t), now); err == nil {
			recovery.Raise(&saved.Family{Name: "a", Form: family.Form, Series: []saved.Series{{}}}, 1)
			recovery.Rest()
		}
	})
}

// A series that could not be kept begins at zero.
func TestBegin(t *testing.T) {
	s := saved.Series{Labels: "l", Created: 1, Value: 2, Count: 3, Buckets: []uint64{4, 5}, Native: &saved.Buckets{}}
	s.Begin(9)
	if diff := cmp.Diff(saved.Series{Labels: "l", Created: 9, Buckets: []uint64{0, 0}}, s); diff != "" {
		t.Error(diff)
	}
}

// What is larger is judged by the count of what there is: also of a summary, and of native buckets alone.
func TestRaiseByCount(t *testing.T) {
	f := func(family *saved.Family, words []uint64, file saved.Series, isRaised bool) {
		t.Helper()
		w := write(t, filepath.Join(t.TempDir(), "journal"))
		defer w.Close()
		w.add(t, saved.AppendHead(nil, w.family(t, family), &saved.Series{}), append([]uint64{now}, words...)...)
		recovery, err := saved.Recover(w.contents(t), now)
		if err != nil {
			t.Fatal(err)
		}
		record := *family
		record.Series = []saved.Series{file}
		recovery.Raise(&record, 0)
		if got := record.Series[0].Value; (got == 100) != isRaised {
			t.Errorf("%s: the sum of the file %+v is now %v, want 100: %v", family.Form, file, got, isRaised)
		}
	}
	sum := bits(100)
	hits := &saved.Family{Name: "hits", Form: saved.FormCounter}
	f(hits, []uint64{sum}, saved.Series{Value: 99}, true)
	f(hits, []uint64{sum}, saved.Series{Value: 101}, false)
	size := &saved.Family{Name: "size", Form: saved.FormSummary, Window: &saved.Window{Slices: 1, SliceSeconds: 1}}
	f(size, []uint64{sum, 3}, saved.Series{Value: 101, Count: 2}, true)
	f(size, []uint64{sum, 3}, saved.Series{Value: 99, Count: 4}, false)
	native := &saved.Family{Name: "time", Form: saved.FormHistogram, Native: &saved.Native{Schema: 3}}
	words := []uint64{sum, 2, 0, 1, 1, 0, 2, 0} // a zero, and two others
	f(native, words, saved.Series{Value: 101, Native: &saved.Buckets{Zero: 1, Negative: []uint64{1}}}, true)
	f(native, words, saved.Series{Value: 99, Native: &saved.Buckets{Zero: 1, Positive: []uint64{3}}}, false)
	f(native, words, saved.Series{Value: 101}, true)
}

// The buckets of an entry are a list.
func TestAppendBuckets(t *testing.T) {
	got := saved.AppendBuckets([]uint64{9}, []exponential.Bucket{{Index: 3, Count: 4}, {Index: 5, Count: 6}})
	if diff := cmp.Diff([]uint64{9, 2, 3, 4, 5, 6}, got); diff != "" {
		t.Error(diff)
	}
}

// A series that was deleted stays away, whether the file or an earlier entry has it. One that was created again has
// nothing of it, also in the same second.
func TestRecoverDeleted(t *testing.T) {
	const deleted = -1 // in place of a value
	f := func(what string, file, entries []saved.Series, want string) {
		t.Helper()
		w := write(t, filepath.Join(t.TempDir(), "journal"))
		defer w.Close()
		family := saved.Family{Name: "hits", Form: saved.FormCounter}
		place := w.family(t, &family)
		for i := range entries {
			words := []uint64{now, bits(entries[i].Value)}
			if entries[i].Value == deleted {
				words = []uint64{saved.DeletedBit}
			}
			w.add(t, saved.AppendHead(nil, place, &entries[i]), words...)
		}
		recovery, err := saved.Recover(w.contents(t), now)
		if err != nil {
			t.Fatal(err)
		}
		family.Series = file
		recovery.Raise(&family, 0)
		rest := recovery.Rest()
		var got strings.Builder
		for _, record := range append([]*saved.Family{&family}, rest...) {
			for _, s := range record.Series {
				fmt.Fprintf(&got, "%s=%v@%d ", s.Labels, s.Value, s.Created)
			}
		}
		if strings.TrimSpace(got.String()) != want {
			t.Errorf("%s: %q, want %q", what, got.String(), want)
		}
	}
	at := func(created uint32, value float64) saved.Series {
		return saved.Series{Labels: `a="b"`, Created: created, Value: value}
	}
	list := func(series ...saved.Series) []saved.Series { return series }
	f("in the file", list(at(5, 9)), list(at(5, deleted)), "")
	f("in an entry", nil, list(at(5, 9), at(5, deleted)), "")
	f("in both", list(at(5, 9)), list(at(5, 10), at(5, deleted)), "")
	f("created again", list(at(5, 9)), list(at(5, 10), at(5, deleted), at(7, 1)), `a="b"=1@7`)
	f("created again at once", list(at(5, 9)), list(at(5, deleted), at(5, 1)), `a="b"=1@5`)
	f("created again before the save", list(at(7, 2)), list(at(5, deleted)), `a="b"=2@7`)
	f("created again before the save, and shown", list(at(7, 2)), list(at(5, deleted), at(7, 3)), `a="b"=3@7`)
	f("deleted twice", list(at(5, 9)), list(at(5, deleted), at(7, 3), at(7, deleted)), "")
	f("another one", list(at(5, 9), saved.Series{Labels: `a="c"`, Created: 5, Value: 4}), list(at(5, deleted)), `a="c"=4@5`)
}
