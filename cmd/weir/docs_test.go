package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/pflag"

	"weir/aggregate/mapping"
	"weir/cmd/weir/self"
	"weir/config"
	"weir/expose/status"
)

// repo is the root of the repository.
const repo = "../.."

// readmeLimit is the most bytes that README may have: it is a landing page, the rest is in docs.
const readmeLimit = 10 << 10

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

// word reports whether word stands behind the language.
func (b *codeBlock) word(word string) bool {
	return len(b.words) > 1 && slices.Contains(b.words[1:], word)
}

// readPages reads README, CONTRIBUTING and every page of docs.
func readPages(t *testing.T) (pages []page) {
	t.Helper()
	paths, err := fs.Glob(os.DirFS(repo), "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"README.md", "CONTRIBUTING.md"}, paths...) {
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

var inlineCode = regexp.MustCompile("`[^`]+`")

// code returns the pieces of code within the prose.
func (p *page) code() (pieces []string) {
	for _, piece := range inlineCode.FindAllString(p.prose, -1) {
		pieces = append(pieces, strings.ReplaceAll(strings.Trim(piece, "`"), "\n", " "))
	}
	return pieces
}

func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repo, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > readmeLimit {
		t.Errorf("README.md has %d bytes, want at most %d: move what is no landing page to docs",
			len(text), readmeLimit)
	}
}

func TestDocsMapListsEveryPage(t *testing.T) {
	pages := readPages(t)
	i := slices.IndexFunc(pages, func(p page) bool { return p.path == "docs/README.md" })
	if i < 0 {
		t.Fatal("there is no docs/README.md")
	}
	for _, p := range pages {
		name, in := strings.CutPrefix(p.path, "docs/")
		if in && name != "README.md" && !strings.Contains(pages[i].prose, "("+name+")") {
			t.Errorf("docs/README.md has no link to %s", name)
		}
	}
}

var (
	markdownLink = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	heading      = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
)

// Links within the repository lead to a file, and to a heading in it.
func TestDocsLinks(t *testing.T) {
	pages := readPages(t)
	anchors := map[string][]string{}
	for i := range pages {
		anchors[pages[i].path] = pages[i].anchors()
	}
	for _, p := range pages {
		for _, link := range markdownLink.FindAllStringSubmatch(inlineCode.ReplaceAllString(p.prose, ""), -1) {
			target, anchor, hasAnchor := strings.Cut(link[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			to := p.path
			if target != "" {
				to = path.Join(path.Dir(p.path), target)
			}
			if _, err := os.Stat(filepath.Join(repo, to)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", p.path, link[1])
			} else if hasAnchor && !slices.Contains(anchors[to], anchor) {
				t.Errorf("%s: the link %s leads to no heading; %s has %q", p.path, link[1], to, anchors[to])
			}
		}
	}
}

// anchors returns the names that GitHub gives to the headings.
func (p *page) anchors() (all []string) {
	for _, match := range heading.FindAllStringSubmatch(p.prose, -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, match[1])
		all = append(all, anchor)
	}
	return all
}

var (
	dottedName  = regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+$`)
	flagInText  = regexp.MustCompile(`--(?:no-)?([a-z_]+\.[a-z_.-]+[a-z_])`)
	variable    = regexp.MustCompile(`WEIR__[A-Z_]+`)
	selfMetric  = regexp.MustCompile(`\bweir_[a-z_]+[a-z]`)
	makeTarget  = regexp.MustCompile(`\bmake ([a-z0-9-]+)`)
	pathInText  = regexp.MustCompile(`^(?:cmd|config|protocol|ingest|aggregate|expose|internal|bench|docs|clients|deploy)/[\w./-]*$`)
	makefileRow = regexp.MustCompile(`(?m)^([a-z0-9-]+):.*##`)
)

// What pages name is there: keys, flags, variables, weir's own families, targets of make, files and folders.
func TestDocsNames(t *testing.T) {
	keys, flags := knownKeys()
	metrics := knownSelfMetrics(t)
	targets := knownTargets(t)
	for _, p := range readPages(t) {
		f := func(what, name string, isKnown bool) {
			t.Helper()
			if !isKnown {
				t.Errorf("%s: there is no %s %s", p.path, what, name)
			}
		}
		for _, piece := range p.code() {
			if dottedName.MatchString(piece) && keys[strings.Split(piece, ".")[0]] {
				f("key", piece, keys[piece])
			}
			if pathInText.MatchString(piece) {
				_, err := os.Stat(filepath.Join(repo, piece))
				f("file", piece, err == nil)
			}
		}
		for _, match := range flagInText.FindAllStringSubmatch(p.text, -1) {
			f("flag", match[0], flags[match[1]])
		}
		for _, name := range variable.FindAllString(p.text, -1) {
			key := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "WEIR__"), "__", "."))
			f("variable", name, keys[key] || name == "WEIR__SECTION__KEY")
		}
		for _, name := range selfMetric.FindAllString(p.prose, -1) {
			f("family", name, metrics[name])
		}
		for _, match := range makeTarget.FindAllStringSubmatch(strings.Join(p.commands(), "\n"), -1) {
			f("target", "make "+match[1], targets[match[1]])
		}
	}
}

// Pages that list all of something miss nothing: the keys of a mapping file except older spellings, the rooms
// of the straight line, the flags of statsd_exporter, and the routes of the API.
func TestDocsListEverything(t *testing.T) {
	pages := map[string]string{}
	for _, p := range readPages(t) {
		pages[p.path] = p.prose
	}
	_, err := mapping.Parse("rules.yaml", []byte("mappings: [{no_such_key: 1}]\ndefaults: {no_such_key: 1}\n"))
	if err == nil {
		t.Fatal("a mapping file may have the key no_such_key")
	}
	var keys []string
	for _, list := range regexp.MustCompile(`no_such_key: .*want one of (.*)`).FindAllStringSubmatch(err.Error(), -1) {
		keys = append(keys, strings.Split(list[1], ", ")...)
	}
	if len(keys) < 20 {
		t.Fatalf("there are only %d keys in %v", len(keys), err)
	}
	for _, key := range keys {
		isOld := slices.Contains([]string{"timer_type", "buckets", "quantiles"}, key)
		if !isOld && !strings.Contains(pages["docs/mapping.md"], "`"+key+"`") {
			t.Errorf("docs/mapping.md does not say what %s does", key)
		}
	}
	for _, room := range rooms(t) {
		if !strings.Contains(pages["docs/design.md"], "`"+room+"`") {
			t.Errorf("docs/design.md does not say what is in %s", room)
		}
	}
	missing := status.New(status.Sources{}).Answer(t.Context(), &status.Request{Path: status.Root, Method: "GET"})
	routes := regexp.MustCompile(`/api/v1/([a-z][a-z/{}]+)`).FindAllStringSubmatch(string(missing.Body), -1)
	if len(routes) < 16 {
		t.Errorf("there are only %d routes in %s", len(routes), missing.Body)
	}
	for _, route := range routes {
		if !strings.Contains(pages["docs/api.md"], route[1]+"`") {
			t.Errorf("docs/api.md does not say what %s answers", route[1])
		}
	}
	flags := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	config.AddStatsdFlags(flags)
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && !strings.Contains(pages["docs/migration.md"], "`--"+f.Name+"`") {
			t.Errorf("docs/migration.md does not say what --%s does", f.Name)
		}
	})
}

// rooms returns the folders of the straight line that have Go files.
func rooms(t *testing.T) (all []string) {
	t.Helper()
	forTests := []string{"testdata", "formattest", "guardtest"}
	for _, top := range []string{"cmd", "config", "protocol", "ingest", "aggregate", "expose"} {
		err := fs.WalkDir(os.DirFS(repo), top, func(name string, _ fs.DirEntry, err error) error {
			if slices.Contains(forTests, path.Base(name)) {
				return fs.SkipDir
			}
			if path.Base(name) == "doc.go" {
				all = append(all, path.Dir(name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// commands returns what readers may type: pieces of code within the prose, and blocks for the shell.
func (p *page) commands() []string {
	commands := p.code()
	for _, b := range p.blocks {
		if len(b.words) > 0 && b.words[0] == "sh" {
			commands = append(commands, b.text)
		}
	}
	return commands
}

// knownKeys returns every key of the configuration with the sections around it, and every flag.
func knownKeys() (keys, flags map[string]bool) {
	keys, flags = map[string]bool{}, map[string]bool{}
	set := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	config.AddFlags(set)
	set.VisitAll(func(f *pflag.Flag) {
		for name := f.Name; name != ""; name, _ = cutLast(name) {
			keys[name] = true
		}
	})
	config.AddStatsdFlags(set)
	set.VisitAll(func(f *pflag.Flag) { flags[strings.TrimPrefix(f.Name, "no-")] = true })
	for _, alias := range []string{
		"endpoint.port", "cache.ttl_ms", "timeouts.scrape_timeout_ms", "timeouts.collection_timeout_ms",
	} {
		keys[alias] = true
	}
	return keys, flags
}

// cutLast cuts the last part off a dotted name.
func cutLast(name string) (before, last string) {
	i := strings.LastIndexByte(name, '.')
	return name[:max(i, 0)], name[i+1:]
}

// knownSelfMetrics returns the families of weir's own, and the series that their histograms consist of.
func knownSelfMetrics(t *testing.T) map[string]bool {
	t.Helper()
	names, err := self.Names(config.Default())
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{
		"weir_overflow":             true, // a label
		"weir_service_check_status": true, // of service checks
	}
	for _, name := range names {
		known[name] = true
	}
	return known
}

func knownTargets(t *testing.T) map[string]bool {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(repo, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, match := range makefileRow.FindAllStringSubmatch(string(makefile), -1) {
		known[match[1]] = true
	}
	return known
}
