package yamlfile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/internal/yamlfile"
)

// A file with three mistakes: they come at once, each with its line and key.
func Example() {
	const content = `listen: [":9102"]
lvel: debug
verbose: "yes"
users:
- {name: ann}
- name: bob
  naem: bill
`
	document := yamlfile.Parse("weir.yaml", []byte(content), yamlfile.Options{})
	root, _ := document.Root()
	for name, v := range root.Section("listen", "level", "verbose", "users") {
		switch name {
		case "listen":
			_, _ = v.Text("want text")
		case "level":
			_, _ = v.Choice("debug", "info")
		case "verbose":
			_, _ = v.Bool()
		case "users":
			for v := range v.List("users, {name: ...}") {
				for _, v := range v.Section("name") {
					fmt.Println(v.Path, "is", v.Source())
				}
			}
		}
	}
	fmt.Println(document.Err())
	// Output:
	// users[0].name is ann
	// users[1].name is bob
	// weir.yaml:1: listen: a list: want text
	// weir.yaml:2: lvel: unknown key: did you mean level?
	// weir.yaml:3: verbose: "yes": want true or false
	// weir.yaml:7: users[1].naem: unknown key: did you mean name?
}

// read parses content and hands its root to read; it returns the mistakes.
func read(t *testing.T, content string, o yamlfile.Options, read func(v yamlfile.Value)) []string {
	t.Helper()
	d := yamlfile.Parse("f", []byte(content), o)
	root, ok := d.Root()
	if !ok {
		t.Fatalf("%q has no root: %v", content, d.Err())
	}
	read(root)
	if d.Err() == nil {
		return nil
	}
	return strings.Split(d.Err().Error(), "\n")
}

func wantMistakes(t *testing.T, content string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%q: mistakes\n%s\nwant\n%s", content, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSection(t *testing.T) {
	f := func(content, given string, want ...string) {
		t.Helper()
		var names []string
		got := read(t, content, yamlfile.Options{}, func(v yamlfile.Value) {
			for name, v := range v.Section("cache", "log") {
				names = append(names, name+"="+v.String())
			}
		})
		wantMistakes(t, content, got, want...)
		if s := strings.Join(names, " "); s != given {
			t.Errorf("%q: read %s, want %s", content, s, given)
		}
	}
	f("{}", "")
	f("~", "")
	f("cache: 1\nlog: [a]\n", "cache=1 log=a list")
	f("cache:\nlog: {}\n", "cache=nothing log=a section")
	f("cache: &x {}\nlog: *x\n", "cache=a section log=a section")
	f("5", "", "f:1: 5: want a section with the keys cache, log")
	f("[]", "", "f:1: a list: want a section with the keys cache, log")
	f("cashe: 1\nlog: 2", "log=2", "f:1: cashe: unknown key: did you mean cache?")
	f("other: 1", "", "f:1: other: unknown key: want one of cache, log")
	f("[cache]: 1", "", "f:1: a list: unknown key: want one of cache, log")
	f("? &x cache\n: 1\n? *x\n: 2", "cache=1", "f:3: cache: given twice, first in line 1: want it once")
	f("~: 1", "", "f:1: nothing: unknown key: want one of cache, log")
	f("cache: 1\nlog: 2\ncache: 3\ncache: 4", "cache=1 log=2", "f:3: cache: given twice, first in line 1: want it once",
		"f:4: cache: given twice, first in line 1: want it once")
	f("<<: {log: 1}", "", "f:1: \"<<\": unknown key: want one of cache, log")
	f("\"two\\nlines\": 1", "", `f:1: "two\nlines": unknown key: want one of cache, log`)
}

// A section that is read twice, by an alias, has its mistakes told once, and a value stands where its alias
// does.
func TestAlias(t *testing.T) {
	const content = "a: &a {x: 1, x: 2}\nb: *a\nc: &c [no]\nd:\n  *c\n"
	got := read(t, content, yamlfile.Options{}, func(v yamlfile.Value) {
		for name, v := range v.Section("a", "b", "c", "d") {
			if name == "a" || name == "b" {
				v.Pairs("want a section")
				continue
			}
			v.Refuse("want text")
		}
	})
	wantMistakes(t, content, got, "f:1: a.x: given twice, first in line 1: want it once",
		"f:3: c: a list: want text", "f:5: d: a list: want text")
}

func TestMerge(t *testing.T) {
	f := func(content, given string, want ...string) {
		t.Helper()
		var pairs []string
		got := read(t, content, yamlfile.Options{Merge: true}, func(v yamlfile.Value) {
			for _, p := range v.Pairs("want a section")[1:] { // the first holds anchors
				for _, p := range p.Value.Pairs("want a section") {
					pairs = append(pairs, fmt.Sprint(p.Key.Path, "=", p.Value, "@", p.Key.Line))
				}
			}
		})
		wantMistakes(t, content, got, want...)
		if s := strings.Join(pairs, " "); s != given {
			t.Errorf("%q: read %s, want %s", content, s, given)
		}
	}
	f("_: &a {x: 1, y: 2}\nr:\n  y: 3\n  <<: *a\n", "r.y=3@3 r.x=1@1")
	f("_: [&a {x: 1}, &b {x: 2, y: 2}]\nr: {<<: [*a, *b], z: 3}", "r.z=3@2 r.x=1@1 r.y=2@1")
	f("_: &a {x: 1, <<: {y: 2}}\nr: {<<: *a}", "r.x=1@1 r.y=2@1")
	f("_: 0\nr: &r {x: 1, <<: *r}", "r.x=1@2")
	f("_: 0\nr: {<<: ~}", "")
	f("_: 0\nr: {<<: 5}", "", "f:2: r.<<: 5: want a section, or a list of sections")
	f("_: 0\nr: {<<: [{x: 1}, y]}", "r.x=1@2", "f:2: r.<<[1]: y: want a section, or a list of sections")
}

func TestList(t *testing.T) {
	f := func(content, elements string, want ...string) {
		t.Helper()
		var all []string
		got := read(t, content, yamlfile.Options{}, func(v yamlfile.Value) {
			for v := range v.List("numbers") {
				all = append(all, fmt.Sprint(v.Path, "=", v, "@", v.Line))
			}
		})
		wantMistakes(t, content, got, want...)
		if s := strings.Join(all, " "); s != elements {
			t.Errorf("%q: read %s, want %s", content, s, elements)
		}
	}
	f("[]", "")
	f("~", "")
	f("- 1\n- [2]\n\n- ~\n", "[0]=1@1 [1]=a list@2 [2]=nothing@4")
	f("5", "", "f:1: 5: want a list of numbers")
	f("{a: 1}", "", "f:1: a section: want a list of numbers")
}

// Iteration ends when the caller breaks off.
func TestBreak(t *testing.T) {
	read(t, "a: [1, 2]\nb: 3\n", yamlfile.Options{}, func(v yamlfile.Value) {
		for name, v := range v.Section("a", "b") {
			for v := range v.List("numbers") {
				if v.Path != "a[0]" {
					t.Errorf("read %s after a break", v.Path)
				}
				break
			}
			if name != "a" {
				t.Errorf("read %s after a break", name)
			}
			break
		}
	})
}

func TestScalars(t *testing.T) {
	f := func(content string, readOne func(v yamlfile.Value) (any, bool), want any, mistakes ...string) {
		t.Helper()
		got := read(t, content, yamlfile.Options{}, func(v yamlfile.Value) {
			value, ok := readOne(v)
			if ok != (len(mistakes) == 0) || ok && value != want {
				t.Errorf("%q: read %v, %v, want %v", content, value, ok, want)
			}
		})
		wantMistakes(t, content, got, mistakes...)
	}
	text := func(v yamlfile.Value) (any, bool) { s, ok := v.Text("want text"); return s, ok }
	f("a b", text, "a b")
	f("5", text, "5")
	f("''", text, nil, `f:1: "": want text`)
	f("~", text, nil, "f:1: nothing: want text")
	f("{}", text, nil, "f:1: a section: want text")

	scalar := func(v yamlfile.Value) (any, bool) { s, ok := v.Scalar("want text"); return s, ok }
	f("1.50", scalar, "1.50")
	f("''", scalar, "")
	f("~", scalar, "")
	f("[]", scalar, nil, "f:1: a list: want text")

	choice := func(v yamlfile.Value) (any, bool) { s, ok := v.Choice("on", "off", "auto"); return s, ok }
	f("off", choice, "off")
	f("'on'", choice, "on")
	f("of", choice, nil, "f:1: of: want on, off or auto")
	f("'of'", choice, nil, `f:1: "of": want on, off or auto`)
	f("~", choice, nil, `f:1: nothing: want on, off or auto`)
	f("[on]", choice, nil, "f:1: a list: want on, off or auto")

	boolean := func(v yamlfile.Value) (any, bool) { return v.Bool() }
	f("true", boolean, true)
	f("off", boolean, false)
	f("'true'", boolean, nil, `f:1: "true": want true or false`)
	f("1", boolean, nil, "f:1: 1: want true or false")
	f("~", boolean, nil, "f:1: nothing: want true or false")
}

// A hidden document shows no scalar: it may be a secret in the wrong place. Keys are shown.
func TestHide(t *testing.T) {
	const content = "key: hunter2\nlist: [hunter2]\nsection: 'hunter2'\nhunter: 3\nmode: fast\nempty:\n"
	got := read(t, content, yamlfile.Options{Hide: true}, func(v yamlfile.Value) {
		for name, v := range v.Section("key", "list", "section", "mode", "empty") {
			switch name {
			case "section":
				v.Pairs("want a section")
			case "mode":
				_, _ = v.Choice("slow")
			default:
				v.Refuse("want something else")
			}
		}
	})
	wantMistakes(t, content, got, "f:1: key: want something else", "f:2: list: a list: want something else",
		"f:3: section: want a section", "f:4: hunter: unknown key: want one of key, list, section, mode, empty",
		"f:5: mode: fast: want slow", "f:6: empty: want something else")
}

func TestRefuse(t *testing.T) {
	const content = "a: {b: 5}\n"
	got := read(t, content, yamlfile.Options{}, func(v yamlfile.Value) {
		for _, p := range v.Pairs("") {
			p.Value.RefuseMissing("c", "want one")
			for _, p := range p.Value.Pairs("") {
				p.Key.RefuseAs("an odd key", "want an even one")
				p.Value.RefuseAs("5 is odd", "want 4")
				var text []string
				if err := p.Value.Decode(&text); err == nil {
					t.Error("a number was decoded into a list")
				}
				if n := 0; p.Value.Decode(&n) != nil || n != 5 {
					t.Errorf("Decode gave %d, want 5", n)
				}
			}
		}
	})
	wantMistakes(t, content, got, "f:1: a.c: missing: want one", "f:1: a.b: an odd key: want an even one",
		"f:1: a.b: 5 is odd: want 4")
}

func TestComment(t *testing.T) {
	read(t, "# first\n# more\na: 1 # behind\nb: 2\n", yamlfile.Options{}, func(v yamlfile.Value) {
		pairs := v.Pairs("")
		if a, b := pairs[0].Key.Comment(), pairs[1].Key.Comment(); a != "# first\n# more" || b != "" {
			t.Errorf("comments %q and %q", a, b)
		}
	})
}
