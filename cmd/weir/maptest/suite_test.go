package maptest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write writes a file of tests and returns its path.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tests.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRead(t *testing.T) {
	suite, err := Read("testdata/passes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(suite.tests) != 2 {
		t.Fatalf("%d tests, want 2", len(suite.tests))
	}
	first := suite.tests[0]
	if first.name != "counters add up by site" || first.line != 3 || len(first.lines) != 2 || len(first.want) != 1 {
		t.Errorf("first test = %+v", first)
	}
	if got, want := first.want[0].String(), `web_hits{site="shop"} 3`; got != want {
		t.Errorf("the first test wants %s, want %s", got, want)
	}
}

// The mapping is found beside the file of tests, wherever weir runs.
func TestMappingPath(t *testing.T) {
	f := func(mapping, want string) {
		t.Helper()
		suite := Suite{file: "a/b/tests.yaml", mapping: mapping}
		if got := suite.Mapping(); got != want {
			t.Errorf("Mapping() = %q for %q, want %q", got, mapping, want)
		}
	}
	f("", "")
	f("rules.yaml", "a/b/rules.yaml")
	f("../rules.yaml", "a/rules.yaml")
	f("/etc/rules.yaml", "/etc/rules.yaml")
}

// All mistakes come at once, each with its line.
func TestReadRefuses(t *testing.T) {
	f := func(content string, want ...string) {
		t.Helper()
		path := write(t, content)
		_, err := Read(path)
		if err == nil {
			t.Errorf("no mistake in %q", content)
			return
		}
		got := strings.Split(err.Error(), "\n")
		if len(got) != len(want) {
			t.Fatalf("%d mistakes in %q, want %d:\n%v", len(got), content, len(want), err)
		}
		for i := range want {
			line, part, _ := strings.Cut(want[i], " ")
			if !strings.HasPrefix(got[i], path+":"+line+":") || !strings.Contains(got[i], part) {
				t.Errorf("mistake %q, want line %s and %q", got[i], line, part)
			}
		}
	}
	const test = "tests:\n- name: n\n  lines: [a:1|c]\n"
	f("", "1 tests: missing")
	f("tests: []", "1 tests: missing")
	f("maping: x\n"+test+"  want: []", "1 maping")
	f("tests: {}", "1 want a list")
	f("tests: [a]", "1 want a section")
	f("tests:\n- {lines: [a:1|c], want: []}", "2 name: missing")
	f("tests:\n- {name: n, want: []}", "2 lines: missing")
	f(test, "2 want: missing")
	f(test+"  want: [a]", "4 want a series")
	f(test+"  want: [a 1, b 2, a 3]", "4 listed twice")
	f(test+"  want: ['a{b=\"1\",c=\"2\"} 1', 'a{c=\"2\",b=\"1\"} 1']", "4 listed twice")
	f(test+"  want: ['']\n  wants: []", "4 want text", "5 wants")
	f("mapping: {a: b}\n"+test+"  want: [x]\n- name: n\n  name: m",
		"1 want text", "5 want a series", "6 lines: missing", "7 given twice")
	f("tests:\n- {name: n, lines: [], want: []}", "2 lines: no line in it")
	f("tests:\n- {name: n, lines: , want: []}", "2 lines: no line in it")
	f("tests:\n- {name: n, lines: x, want: }", "2 lines: x: want a list")
}

func TestReadNeedsAFile(t *testing.T) {
	if _, err := Read(filepath.Join(t.TempDir(), "missing.yaml")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("Read of a missing file: %v", err)
	}
}
