package architecture_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/architecture"
)

var update = flag.Bool("update", false, "write the want.txt of each module in testdata")

// bare is what a room in testdata lacks when the module is about another rule.
const bare = "doc example"

// breaches has a shape for each module in testdata, which is called like the only rule that it breaks.
var breaches = map[string]architecture.Shape{
	"rooms": {Table: []architecture.Row{
		{Room: "known", Except: "example"},
		{Room: "planned", Imports: "known"},
	}},
	"imports": {Table: []architecture.Row{
		{Room: "high", Imports: "low/...", Except: bare},
		{Room: "low", OnlyStd: true, Except: bare},
		{Room: "low/leaf", Except: bare},
		{Room: "side", Except: bare},
	}},
	"files": {
		Table:  []architecture.Row{{Room: "few", Except: bare}, {Room: "many", Except: bare}},
		Limits: architecture.Limits{Files: 3},
	},
	"lines": {
		Table:  []architecture.Row{{Room: "long", Except: bare}},
		Limits: architecture.Limits{Lines: 5},
	},
	"statements": {
		Table:  []architecture.Row{{Room: "busy", Except: bare}},
		Limits: architecture.Limits{Statements: 4},
	},
	"methods": {
		Table:  []architecture.Row{{Room: "spread", Except: bare}},
		Limits: architecture.Limits{MethodFiles: 2},
	},
	"tests": {
		Table:  []architecture.Row{{Room: "poor", Except: bare}, {Room: "rich", Except: bare}},
		Limits: architecture.Limits{TestRatio: 0.6},
	},
	"doc": {Table: []architecture.Row{
		{Room: "bare", Except: "example"},
		{Room: "good", Except: "example"},
		{Room: "none", Except: "example"},
		{Room: "short", Except: "example"},
	}},
	"example": {Table: []architecture.Row{
		{Room: "good", Except: "doc"},
		{Room: "mute", Except: "doc"},
		{Room: "none", Except: "doc"},
	}},
	"equal": {
		Table: []architecture.Row{
			{Room: "a", Except: bare},
			{Room: "b", Except: bare},
			{Room: "c", Except: bare},
			{Room: "d", Except: bare},
		},
		Limits: architecture.Limits{EqualLines: 5},
		Reasons: []architecture.Reason{
			{Files: "c/c.go c/c.go", Why: "two steps of an algorithm that are alike by chance"},
			{Files: "a/a.go c/c.go", Why: "they were alike once"},
		},
	},
}

// TestBreaches breaks every rule on purpose: the module testdata/RULE breaks RULE and no other, and its
// want.txt has the messages.
func TestBreaches(t *testing.T) {
	modules, err := filepath.Glob("testdata/*")
	if err != nil || len(modules) != len(breaches) {
		t.Fatalf("testdata has %d modules (error %v), want %d", len(modules), err, len(breaches))
	}
	for rule, shape := range breaches {
		t.Run(rule, func(t *testing.T) {
			dir := filepath.Join("testdata", rule)
			var got strings.Builder
			for _, breach := range shape.Check(load(t, dir)) {
				if breach.Rule != rule {
					t.Errorf("the rule %s is broken, too: %v", breach.Rule, breach.String())
				}
				got.WriteString(breach.String() + "\n")
			}
			want := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(want, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(text), got.String()); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// A rule that is not known would except nothing, so the table may not have it.
func TestExceptNamesRules(t *testing.T) {
	for _, row := range weir.Table {
		for rule := range strings.FieldsSeq(row.Except) {
			if _, ok := breaches[rule]; !ok {
				t.Errorf("the row of %s excepts %q, which is no rule", row.Room, rule)
			}
		}
	}
}

// Every rule holds for a room, unless its row says otherwise.
func TestExcept(t *testing.T) {
	for rule, shape := range breaches {
		if rule == "rooms" || rule == "equal" { // they are not about one room
			continue
		}
		shape.Table = slices.Clone(shape.Table)
		for i := range shape.Table {
			shape.Table[i].Except += " " + rule
		}
		if got := shape.Check(load(t, filepath.Join("testdata", rule))); len(got) > 0 {
			t.Errorf("breaches of %s that the table excepts: %v", rule, got)
		}
	}
}

func load(t *testing.T, dir string) *architecture.Module {
	t.Helper()
	m, err := architecture.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
