package architecture

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Module is the Go files of a module, parsed. Modules inside it count as rooms of it.
type Module struct {
	// Path is what go.mod calls the module.
	Path string
	// Rooms are in order of their folders.
	Rooms []*Room

	positions *token.FileSet
}

// Room is a folder with Go files.
type Room struct {
	// Dir is the folder from the module's root on, with slashes; "." is the root.
	Dir string
	// Code are the files except tests, in order of their names, for all platforms and build tags.
	Code []*File
	// Tests are the files whose names end in _test.go.
	Tests []*File
}

// File is a Go file.
type File struct {
	// Path is the file's name from the module's root on.
	Path string
	// Lines counts all lines, also empty ones and comments.
	Lines int

	text   []byte
	syntax *ast.File
}

// Load reads all Go files of the module whose root is fsys. As the go command does, it passes over folders
// called testdata or vendor and those whose names begin with a dot or an underscore. An error names the file
// that is missing or cannot be parsed.
func Load(fsys fs.FS) (*Module, error) {
	gomod, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return nil, fmt.Errorf("read the module's name: %w", err)
	}
	name := regexp.MustCompile(`(?m)^module\s+(\S+)`).FindSubmatch(gomod)
	if name == nil {
		return nil, errors.New("go.mod names no module")
	}
	m := &Module{Path: string(name[1]), positions: token.NewFileSet()}
	err = fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && isSkipped(file):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(file) != ".go":
			return nil
		}
		return m.add(fsys, file)
	})
	if err != nil {
		return nil, fmt.Errorf("read the module %s: %w", m.Path, err)
	}
	slices.SortFunc(m.Rooms, func(a, b *Room) int { return strings.Compare(a.Dir, b.Dir) })
	return m, nil
}

func isSkipped(dir string) bool {
	base := path.Base(dir)
	return dir != "." && (base == "testdata" || base == "vendor" || base == "node_modules" ||
		strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_"))
}

// add parses a file and puts it into its room.
func (m *Module) add(fsys fs.FS, file string) error {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	syntax, err := parser.ParseFile(m.positions, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &File{Path: file, Lines: strings.Count(string(text), "\n"), text: text, syntax: syntax}
	room := m.room(path.Dir(file))
	if strings.HasSuffix(file, "_test.go") {
		room.Tests = append(room.Tests, f)
	} else {
		room.Code = append(room.Code, f)
	}
	return nil
}

// room returns the room of a folder, which it creates for the first file.
func (m *Module) room(dir string) *Room {
	i := slices.IndexFunc(m.Rooms, func(r *Room) bool { return r.Dir == dir })
	if i >= 0 {
		return m.Rooms[i]
	}
	r := &Room{Dir: dir}
	m.Rooms = append(m.Rooms, r)
	return r
}

func (m *Module) line(p token.Pos) int { return m.positions.Position(p).Line }

// functions yields the functions and methods of the room, except those of tests, and the file of each.
func (r *Room) functions(yield func(*File, *ast.FuncDecl) bool) {
	for _, file := range r.Code {
		for _, decl := range file.syntax.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && !yield(file, f) {
				return
			}
		}
	}
}

// name is the file's name without its folder.
func (f *File) name() string { return path.Base(f.Path) }

func lines(files []*File) int {
	n := 0
	for _, f := range files {
		n += f.Lines
	}
	return n
}
