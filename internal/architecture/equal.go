package architecture

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// codeLine is a line of code with its white space folded.
type codeLine struct {
	text   string
	number int
}

// place is an index into the code lines of a file.
type place struct {
	file  *File
	lines []codeLine
	index int
}

// checkEqual looks for blocks of code lines that stand in two places of the module. Comments, imports, and
// lines of brackets only are no code lines. Of three places with the same lines, each pair is a breach.
func (s *Shape) checkEqual(m *Module) []Breach {
	if s.Limits.EqualLines == 0 {
		return nil
	}
	used := make([]bool, len(s.Reasons))
	var all []Breach
	for _, run := range m.runs(s.Limits.EqualLines) {
		b := run.breach(s.Limits.EqualLines)
		i := slices.IndexFunc(s.Reasons, func(r Reason) bool { return r.Files == b.Subject })
		if i < 0 || s.Reasons[i].Why == "" {
			all = append(all, b)
			continue
		}
		used[i] = true
	}
	for i, reason := range s.Reasons {
		if !used[i] {
			all = append(all, Breach{
				Rule: "equal", Subject: reason.Files, Place: "the table of reasons",
				What:   reason.Files + " share no lines that need a reason, or the reason is empty",
				Remedy: "remove the entry",
			})
		}
	}
	return all
}

// run is a block of equal lines, as long as it can be, in two places that do not overlap.
type run struct {
	a, b place
	n    int
}

func (r *run) breach(limit int) Breach {
	files := []string{r.a.file.Path, r.b.file.Path}
	first := func(p place) int { return p.lines[p.index].number }
	last := func(p place) int { return p.lines[p.index+r.n-1].number }
	return Breach{
		Rule: "equal", Subject: strings.Join(files, " "), Place: fmt.Sprintf("%s:%d", files[0], first(r.a)),
		What: fmt.Sprintf("the %d lines up to line %d stand again in %s:%d-%d, more than %d",
			r.n, last(r.a), files[1], first(r.b), last(r.b), limit-1),
		Remedy: "write them once, or say in the table of reasons why both must stay",
	}
}

// runs finds every run of at least n lines in the module's code.
func (m *Module) runs(n int) []run {
	windows := make(map[string][]place)
	var runs []run
	for _, room := range m.Rooms {
		for _, file := range room.Code {
			lines := m.codeLines(file)
			for i := 0; i+n <= len(lines); i++ {
				here := place{file, lines, i}
				key := here.window(n)
				for _, there := range windows[key] {
					if r := (run{there, here, there.equal(here)}); r.n >= n && !there.before(here) {
						runs = append(runs, r)
					}
				}
				windows[key] = append(windows[key], here)
			}
		}
	}
	return runs
}

// window joins the n lines from p on.
func (p place) window(n int) string {
	var b strings.Builder
	for _, line := range p.lines[p.index : p.index+n] {
		b.WriteString(line.text)
		b.WriteByte('\n')
	}
	return b.String()
}

// before reports whether the lines before two places are equal, too: then the run began earlier.
func (p place) before(q place) bool {
	return p.index > 0 && q.index > 0 && p.lines[p.index-1].text == q.lines[q.index-1].text
}

// equal counts the equal lines from two places on; in one file it stops where the first run would reach the
// second.
func (p place) equal(q place) int {
	most := min(len(p.lines)-p.index, len(q.lines)-q.index)
	if p.file == q.file {
		most = min(most, q.index-p.index)
	}
	for i := range most {
		if p.lines[p.index+i].text != q.lines[q.index+i].text {
			return i
		}
	}
	return most
}

// codeLines returns the lines of a file that count.
func (m *Module) codeLines(f *File) []codeLine {
	text := bytes.Clone(f.text)
	blank := func(from, to token.Pos) {
		start, end := m.positions.Position(from).Offset, m.positions.Position(to).Offset
		for i := start; i < end; i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	for _, group := range f.syntax.Comments {
		blank(group.Pos(), group.End())
	}
	blank(f.syntax.Package, f.syntax.Name.End())
	for _, decl := range f.syntax.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.IMPORT {
			blank(d.Pos(), d.End())
		}
	}
	var all []codeLine
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if strings.Trim(line, " \t\r\n{}()[],;:") != "" {
			all = append(all, codeLine{strings.Join(strings.Fields(line), " "), number})
		}
	}
	return all
}
