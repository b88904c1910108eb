package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repo is the root of the repository.
const repo = "../.."

// page is a page of the documentation.
type page struct {
	path   string // from the root of the repository
	text   string
	prose  string // text without its code blocks
	blocks []codeBlock
}

// codeBlock is what stands between two fences.
type codeBlock struct {
	words []string // behind the opening fence: the language, then how the tests use the block
	text  string
	line  int // of the opening fence
}

// readPages reads README and every page of docs.
func readPages(t *testing.T) (pages []page) {
	t.Helper()
	paths, err := fs.Glob(os.DirFS(repo), "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"README.md"}, paths...) {
		text, err := os.ReadFile(filepath.Join(repo, name))
		if err != nil {
			t.Fatal(err)
		}
		p := page{path: name, text: string(text)}
		p.split(t)
		pages = append(pages, p)
	}
	return pages
}

// split cuts the page into prose and code blocks.
func (p *page) split(t *testing.T) {
	t.Helper()
	var prose strings.Builder
	var block *codeBlock
	for i, line := range strings.Split(p.text, "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && block == nil:
			block = &codeBlock{words: strings.Fields(fence), line: i + 1}
		case isFence:
			p.blocks = append(p.blocks, *block)
			block = nil
		case block != nil:
			block.text += line + "\n"
		default:
			prose.WriteString(line + "\n")
		}
	}
	if block != nil {
		t.Errorf("%s:%d: the code block has no end", p.path, block.line)
	}
	p.prose = prose.String()
}
