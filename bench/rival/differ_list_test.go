package rival_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/bench/process"
)

// list is the document that lists what weir does differently.
const list = "../../docs/migration.md"

// listedDifference is one row of its tables.
type listedDifference struct {
	name         string
	rules        string // YAML; empty when there are none
	lines        []string
	theirs, ours outcome
}

// outcome is what a cell says that a program does with the lines.
type outcome struct {
	word    string   // one of outcomeWords; empty when there are samples
	samples []string // as text shows them
}

const (
	wordNothing = "nothing"       // shows no family
	wordCrashes = "crashes"       // ends
	wordFails   = "scrapes fail"  // with the status 500
	wordHangsUp = "hangs up"      // closes the connection
	wordRefuses = "refuses rules" // does not start
	wordTwice   = "one twice"     // shows a series twice
	wordRandom  = "at random"     // shows something else now and then; TestDiffer/rates
)

var outcomeWords = []string{wordNothing, wordCrashes, wordFails, wordHangsUp, wordRefuses, wordTwice, wordRandom}

// testListed holds that each listed difference is there, just as it is listed.
func (p programs) testListed(t *testing.T) {
	for _, d := range readList(t) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			f := func(who string, start starter, want outcome) string {
				c, err := start(t, writeRules(t, d.rules))
				var got exposition
				if err == nil {
					got, err = c.take(d.lines, usualLast)
				}
				if problem := want.check(got, err); problem != "" {
					t.Errorf("%s: %s", who, problem)
				}
				return fmt.Sprint(got.samples, err)
			}
			theirs := f("statsd_exporter", p.startExporter, d.theirs)
			if ours := f("weir", p.startWeir, d.ours); ours == theirs && d.ours.word != wordRandom {
				t.Error("there is no difference")
			}
		})
	}
}

// check returns how the outcome differs from the listed one; empty when it does not.
func (o *outcome) check(got exposition, err error) string {
	word := wordOf(got, err)
	if word == "" && o.word == wordRandom {
		return ""
	}
	if word != o.word {
		return fmt.Sprintf("got %q, want %q: %v, %v", word, o.word, err, got.render())
	}
	rendered := got.render()
	for _, sample := range o.samples {
		if !slices.Contains(rendered, sample) {
			return fmt.Sprintf("no sample %s among %q", sample, rendered)
		}
	}
	for family := range got.types {
		if o.word == "" && !slices.ContainsFunc(o.samples, func(sample string) bool {
			name := nameOf(strings.Fields(sample)[0])
			return name == family || isPart(name, family)
		}) {
			return fmt.Sprintf("family %s is not listed: %q", family, rendered)
		}
	}
	return ""
}

// wordOf returns the word for an outcome of lines; none when samples are shown.
func wordOf(got exposition, err error) string {
	switch {
	case errors.Is(err, errRefused):
		return wordRefuses
	case errors.Is(err, process.ErrEnded):
		return wordCrashes
	case errors.Is(err, errScrape):
		return wordFails
	case errors.Is(err, errHungUp):
		return wordHangsUp
	case err != nil:
		return err.Error()
	case len(got.samples) == 0:
		return wordNothing
	case len(got.doubles) > 0:
		return wordTwice
	default:
		return ""
	}
}

// longNames puts names in for what stands for them: …… for one that fits a line of statsd_exporter, … for one that
// does not.
var longNames = strings.NewReplacer("……", strings.Repeat("y", 2000), "…", strings.Repeat("x", 5000))

var codeSpan = regexp.MustCompile("`([^`]*)`")

// readList reads the tables: five cells a row, of which the second has rules and lines.
func readList(t *testing.T) (rows []listedDifference) {
	t.Helper()
	content, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	const bar = "\x00" // for one that does not end a cell
	for line := range strings.Lines(strings.ReplaceAll(string(content), `\|`, bar)) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || strings.TrimSpace(cells[1]) == "Difference" || strings.HasPrefix(cells[1], "---") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], bar, "|"))
		}
		d := listedDifference{name: cells[1], theirs: readOutcome(cells[3]), ours: readOutcome(cells[4])}
		for _, span := range codeSpan.FindAllStringSubmatch(cells[2], -1) {
			if text := span[1]; strings.HasPrefix(text, "{") {
				d.rules = text
			} else {
				d.lines = append(d.lines, longNames.Replace(unquote(t, text)))
			}
		}
		rows = append(rows, d)
	}
	if len(rows) < 60 {
		t.Fatalf("read %d rows from %s, which has more", len(rows), list)
	}
	return rows
}

func readOutcome(cell string) (o outcome) {
	for _, word := range outcomeWords {
		if cell == word {
			o.word = word
		}
	}
	for _, span := range codeSpan.FindAllStringSubmatch(cell, -1) {
		o.samples = append(o.samples, longNames.Replace(span[1]))
	}
	return o
}
