package aggregate_test

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"weir/aggregate"
	"weir/protocol"
)

func newUTF8Shard(names string) (*aggregate.Registry, *aggregate.Shard) {
	registry := newRegistry(func(o *aggregate.Options) { o.Sanitize.Names = names })
	return registry, registry.NewShard()
}

// A spelling tells the legacy name, of families and of labels, and legacy names are the same with and without
// spellings. A spelling is valid UTF-8 and has nothing that would have to be escaped.
func TestUTF8NameTellsLegacyName(t *testing.T) {
	_, legacy := newUTF8Shard(aggregate.NamesLegacy)
	_, utf8Names := newUTF8Shard(aggregate.NamesUTF8)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(rapid.SliceOfN(rapid.SampledFrom([]byte("a.-_9:\"\\\x01\xff\xc3\xa9l")), 1, 12),
			rapid.SliceOfN(rapid.Byte(), 1, 12))
		sample := &protocol.Sample{Name: word.Draw(t, "name"), Tags: word.Draw(t, "tag"), Rate: 1}
		plain, original := legacy.Explain(sample), utf8Names.Explain(sample)
		if plain.Family != original.Family || plain.Labels != original.Labels || plain.Reason != original.Reason {
			t.Fatalf("%+v with legacy names, %+v with UTF-8", plain, original)
		}
		if plain.UTF8Family != plain.Family || plain.UTF8Labels != plain.Labels {
			t.Fatalf("%+v with legacy names", plain)
		}
		for _, text := range []string{original.UTF8Family, original.UTF8Labels.Text()} {
			if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
				t.Fatalf("%q", text)
			}
		}
		if original.Family == "" {
			return
		}
		again := legacy.Explain(&protocol.Sample{Name: []byte(original.UTF8Family), Rate: 1})
		if !strings.ContainsAny(original.UTF8Family, "#;,[=") && again.Family != original.Family {
			t.Fatalf("%+v, but its spelling is %q", original, again.Family)
		}
	})
}

func TestUTF8Name(t *testing.T) {
	_, shard := newUTF8Shard(aggregate.NamesUTF8)
	f := func(name, tags, wantFamily, wantLabels string) {
		t.Helper()
		e := shard.Explain(&protocol.Sample{Name: []byte(name), Tags: []byte(tags), Rate: 1})
		if e.UTF8Family != wantFamily || e.UTF8Labels.Text() != wantLabels {
			t.Errorf("%s#%s: %s{%s}, want %s{%s}", name, tags, e.UTF8Family, e.UTF8Labels.Text(), wantFamily, wantLabels)
		}
	}
	f("a.b", "", "a.b", "")
	f("a_b", "c_d:1", "a_b", `c_d="1"`)
	f("llm.requests", "model.name:gpt-4,zone:b,app:c", "llm.requests", `app="c","model.name"="gpt-4",zone="b"`)
	f("größe", "für:x", "größe", `"für"="x"`)
	f("1st", "2nd:x", "1st", `"2nd"="x"`)
	f("a\"b\\c\x7fd\xffe", "\"k\":1", "a_b_c_d_e", `_k_="1"`)
	f("a--b", "x--y:1", "a--b", `"x--y"="1"`)
	f("x", "le:1,__name__:2,..x:3", "x", `exported___name__="2","exported_..x"="3",le="1"`)
	f("x", "a.b:1,a_b:2", "x", `a_b="2"`)
	f("x", "a_b:1,a.b:2", "x", `"a.b"="2"`)
	f("disk[mount.point=/]", "", "disk", `"mount.point"="/"`)
}

// UTF-8 names are kept over a restart, and do not come back where names are legacy.
func TestUTF8NameIsSaved(t *testing.T) {
	file := aggregate.StateFile{Path: filepath.Join(t.TempDir(), "state")}
	registry, shard := newUTF8Shard(aggregate.NamesUTF8)
	line(t, shard, "a.b:3|c|#c.d:1")
	if _, err := file.Save(registry); err != nil {
		t.Fatal(err)
	}
	f := func(names, want string) {
		t.Helper()
		restored, _ := newUTF8Shard(names)
		if _, err := file.Load(restored); err != nil {
			t.Fatal(err)
		}
		family := restored.Snapshot().Families[0]
		if got := family.UTF8Name() + "{" + family.Series[0].UTF8Labels().Text() + "}"; got != want {
			t.Errorf("%s: %s, want %s", names, got, want)
		}
	}
	f(aggregate.NamesUTF8, `a.b{"c.d"="1"}`)
	f(aggregate.NamesLegacy, `a_b{c_d="1"}`)
}

// What is folded has the family's spelling, and no labels of a sample.
func TestUTF8NameOfFolded(t *testing.T) {
	registry := newRegistry(func(o *aggregate.Options) {
		o.Sanitize.Names = aggregate.NamesUTF8
		o.Limits.OverflowAction, o.Limits.MaxSeriesPerMetric = aggregate.OverflowFold, 2
	})
	shard := registry.NewShard()
	line(t, shard, "a.b:3|c|#c.d:1\na.b:3|c|#c.d:2\na.b:3|c|#c.d:3")
	family := registry.Snapshot().Families[0]
	var got []string
	for _, s := range family.Series {
		got = append(got, s.UTF8Labels().Text())
	}
	if text := strings.Join(got, " "); family.UTF8Name() != "a.b" || text != `"c.d"="1" weir_overflow="true"` {
		t.Errorf("%s with %s", family.UTF8Name(), text)
	}
}
